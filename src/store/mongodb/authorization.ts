import type { Db, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Finding } from '../../model/finding.js';
import { applicationPrivileges, keyPrivileges, type Privilege } from './privileges.js';

const UNAUTHORIZED = 13;
const SHOWN = 5;
// A database that nobody makes, and that no sensible role names.
const NOWHERE = 'memwarden_authorization_probe';

interface Held {
  readonly resource: Document;
  readonly actions: readonly string[];
}

/** Whether the server asks who somebody is, and whether the user of this connection can do more than it needs. */
export async function authorizationFindings(connection: Connection): Promise<Finding[]> {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const { authInfo } = await db.command({ connectionStatus: 1, showPrivileges: true });
  const { authenticatedUsers, authenticatedUserPrivileges } = authInfo as {
    readonly authenticatedUsers: readonly unknown[];
    readonly authenticatedUserPrivileges: readonly Held[];
  };
  const isAnybody = authenticatedUsers.length === 0;
  const excess = isAnybody ? [] : excessOf(authenticatedUserPrivileges, db.databaseName);
  const isOpen = isAnybody || (excess.length === 0 && (await answersAnybody(client.db(NOWHERE))));
  const shown = excess.slice(0, SHOWN).join(', ');
  const more = excess.length > SHOWN ? ` and ${excess.length - SHOWN} more` : '';
  return [
    {
      check: 'authorization',
      ok: !isOpen,
      message: isOpen
        ? 'the server runs without authorization: whoever reaches it can do everything; see docs/database.md'
        : 'the server asks who connects',
    },
    ...(isAnybody
      ? []
      : [
          {
            check: 'rights of the database user',
            ok: excess.length === 0,
            message: excess.length
              ? `more than the application needs: ${shown}${more}; run \`memwarden migrate --roles\` and connect as memwarden_application`
              : 'what the application needs and no more',
          },
        ]),
  ];
}

// A user can name itself to a server that does not care: what it may not do it can do there all the same.
async function answersAnybody(db: Db): Promise<boolean> {
  try {
    await db.command({ find: 'nothing', limit: 1 });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === UNAUTHORIZED) return false;
    throw error;
  }
}

/** What is held beyond what the application needs, in words: `dropDatabase on memories`. */
export function excessOf(held: readonly Held[], database: string): string[] {
  // The keys lie in one other database.
  const names = held.map(({ resource }) => resource['db'] as unknown);
  const others = [...new Set(names)].filter((db) => typeof db === 'string' && db !== '' && db !== database) as string[];
  const keys = others.length === 1 ? keyPrivileges(others[0] ?? '') : [];
  const needed = [...applicationPrivileges(database), ...keys];
  return held.flatMap(({ resource, actions }) => {
    const allowed = needed.find((one) => isSame(one, resource))?.actions ?? [];
    return actions.filter((action) => !allowed.includes(action)).map((action) => `${action} on ${nameOf(resource)}`);
  });
}

function isSame({ resource }: Privilege, held: Document): boolean {
  return resource.db === held['db'] && resource.collection === held['collection'];
}

function nameOf(resource: Document): string {
  if (typeof resource['db'] !== 'string') return 'the server';
  const { db, collection } = resource as { db: string; collection?: string };
  return [db || 'every database', collection || 'all collections'].join(' / ');
}

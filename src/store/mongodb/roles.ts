import type { Db, Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { connect, placeOf, type MongoOptions } from './connect.js';
import { translated } from './errors.js';
import { isRouter } from './migrate.js';
import { rolePlans, userPlans, type DatabaseUse, type RolePlan, type UserPlan } from './privileges.js';
import { makePublicView } from './public-view.js';

/** A user of the database, after `migrate --roles`. */
export interface DatabaseUser {
  readonly use: DatabaseUse;
  readonly user: string;
  /** The database that it is kept in, which a connection string names as `authSource`. */
  readonly database: string;
  /** False where it was there before: its password is what it was. */
  readonly made: boolean;
}

/** Gives the passwords of users that are to be made. */
export type PasswordsFor = (uses: readonly DatabaseUse[]) => Promise<Readonly<Partial<Record<DatabaseUse, string>>>>;

const MAJORITY = { writeConcern: { w: 'majority' } } as const;

/**
 * Makes the least-privileged roles and users of a deployment, and the view of public rows; safe to run again. Roles
 * are brought up to date, and users get theirs; the passwords of users that were there stay as they are.
 *
 * @param options the address of a user who may manage users, roles and collections
 * @param keysUri where the keys lie, when that is a MongoDB server: the same one
 * @throws MemwardenError invalid_argument where the keys lie on another server; store_refused without the right to
 */
export async function setUpRoles(
  options: MongoOptions,
  keysUri: string | undefined,
  passwordsFor: PasswordsFor,
): Promise<DatabaseUser[]> {
  const keys = keysUri === undefined ? undefined : placeOf(keysUri);
  if (keys && keys.servers !== placeOf(options.uri).servers)
    throw new MemwardenError('invalid_argument', {
      argument: 'keys.store',
      reason: 'on another server: make its users there, as docs/database.md says',
    });
  const connection = await connect({ ...options, maxPoolSize: 2, patient: true });
  try {
    const client = connection.getClient();
    const db = client.db(connection.name);
    return await translated(async () => {
      await makePublicView(db, await isRouter(db));
      for (const plan of rolePlans(db.databaseName, keys?.database)) await putRole(client.db(plan.db), plan);
      return await putUsers(db, userPlans(db.databaseName, keys?.database), passwordsFor);
    });
  } finally {
    await connection.close();
  }
}

async function putRole(db: Db, { role, privileges, roles }: RolePlan): Promise<void> {
  const { roles: found } = (await db.command({ rolesInfo: role })) as { roles: Document[] };
  const command = found.length > 0 ? { updateRole: role } : { createRole: role };
  await db.command({ ...command, privileges, roles, ...MAJORITY });
}

async function putUsers(db: Db, plans: readonly UserPlan[], passwordsFor: PasswordsFor): Promise<DatabaseUser[]> {
  const { users } = (await db.command({ usersInfo: 1 })) as { users: { user: string }[] };
  const isThere = ({ user }: UserPlan) => users.some((one) => one.user === user);
  const missing = plans.filter((plan) => !isThere(plan)).map(({ use }) => use);
  const passwords = missing.length > 0 ? await passwordsFor(missing) : {};
  const put: DatabaseUser[] = [];
  for (const plan of plans) {
    const { use, user, roles } = plan;
    const made = !isThere(plan);
    if (made) await db.command({ createUser: user, pwd: passwordOf(passwords, use), roles, ...MAJORITY });
    else await db.command({ updateUser: user, roles, ...MAJORITY });
    put.push({ use, user, database: db.databaseName, made });
  }
  return put;
}

function passwordOf(passwords: Readonly<Partial<Record<DatabaseUse, string>>>, use: DatabaseUse): string {
  const password = passwords[use];
  if (password === undefined) throw new MemwardenError('internal');
  return password;
}

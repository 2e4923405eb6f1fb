import { COLLECTIONS } from './schema.js';

/** What may be done to one collection, or with an empty name to a database as a whole. */
export interface Privilege {
  readonly resource: { readonly db: string; readonly collection: string };
  readonly actions: readonly string[];
}

/** A role as `migrate --roles` makes it. */
export interface RolePlan {
  readonly db: string;
  readonly role: string;
  readonly privileges: readonly Privilege[];
  /** Roles whose privileges it has as well. */
  readonly roles: readonly RoleName[];
}

/** A role of a database. */
export interface RoleName {
  readonly role: string;
  readonly db: string;
}

/** A user as `migrate --roles` makes it, in the database of the memories. */
export interface UserPlan {
  /** For what it is. */
  readonly use: DatabaseUse;
  readonly user: string;
  readonly roles: readonly RoleName[];
}

/** For what a user of the database is: a name in files of passwords. */
export type DatabaseUse = (typeof DATABASE_USES)[number];
export const DATABASE_USES = ['application', 'reporting', 'migrator'] as const;

/** The view that reports read. */
export const PUBLIC_VIEW = 'memories_public';
/** What the view begins with: one document of no content, so that nothing can be learnt of how it was read. */
export const VIEW_ANCHOR = 'reporting';

const WHOLE = ['find', 'insert', 'update', 'remove'];
// A record of the log is never changed, and none is taken away but by whoever migrates.
const OF_COLLECTION: Readonly<Record<string, readonly string[]>> = { audit: ['find', 'insert'] };
const RINGS = ['find', 'insert', 'update', 'remove', 'listIndexes', 'changeStream'];
// A tombstone, a certificate or an instance key is never taken away.
const DOCUMENTS = ['find', 'insert', 'update'];
const PREPARING = ['createCollection', 'collMod', 'createIndex', 'listIndexes'];

/** What the application needs in the database of the memories; `doctor` holds a user against it. */
export function applicationPrivileges(db: string): Privilege[] {
  const named = (collection: string, actions: readonly string[]) => ({ resource: { db, collection }, actions });
  return [
    ...COLLECTIONS.map(({ name }) => named(name, [...(OF_COLLECTION[name] ?? WHOLE), 'listIndexes'])),
    // Asked for a key store that must not be here.
    named('key_documents', ['find']),
    named('', ['listCollections']),
  ];
}

/** What the application needs in the database of the keys. */
export function keyPrivileges(db: string): Privilege[] {
  return [
    { resource: { db, collection: 'key_rings' }, actions: RINGS },
    { resource: { db, collection: 'key_documents' }, actions: DOCUMENTS },
  ];
}

/** Every role; those of the keys where they lie on the same server. */
export function rolePlans(db: string, keys: string | undefined): RolePlan[] {
  const plan = (at: string, role: string, privileges: readonly Privilege[], roles: readonly RoleName[] = []) => ({
    db: at,
    role: `memwarden_${role}`,
    privileges,
    roles,
  });
  const preparing = COLLECTIONS.map(({ name: collection }) => ({
    resource: { db, collection },
    actions: [...PREPARING, 'enableSharding', ...(collection === 'audit' ? ['remove'] : [])],
  }));
  const whole = { resource: { db, collection: '' }, actions: ['enableSharding'] };
  return [
    plan(db, 'application', applicationPrivileges(db)),
    plan(db, 'reporting', [{ resource: { db, collection: PUBLIC_VIEW }, actions: ['find'] }]),
    plan(db, 'migrator', [...preparing, whole], [{ role: 'memwarden_application', db }]),
    ...(keys === undefined
      ? []
      : [
          plan(keys, 'keys', keyPrivileges(keys)),
          plan(
            keys,
            'keys_migrator',
            [{ resource: { db: keys, collection: 'key_rings' }, actions: PREPARING }],
            [{ role: 'memwarden_keys', db: keys }],
          ),
        ]),
  ];
}

/** Every user. */
export function userPlans(db: string, keys: string | undefined): UserPlan[] {
  const more = (role: string): RoleName[] => (keys === undefined ? [] : [{ role, db: keys }]);
  const plan = (use: DatabaseUse, roles: readonly RoleName[]): UserPlan => ({
    use,
    user: `memwarden_${use}`,
    roles: [{ role: `memwarden_${use}`, db }, ...roles],
  });
  return [
    plan('application', more('memwarden_keys')),
    plan('reporting', []),
    plan('migrator', more('memwarden_keys_migrator')),
  ];
}

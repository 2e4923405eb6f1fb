import type { Db, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { translated, unlessThere } from './errors.js';
import { COLLECTIONS, type CollectionPlan } from './schema.js';

const STRICT = { validationLevel: 'strict', validationAction: 'error' } as const;
const NAMESPACE_EXISTS = 48;
const ALREADY_SHARDED = 20;
/** Beside the keys, in a row of its own, so that a look of one document tells whether the store is prepared. */
export const MARKER = 'schema';

/** Raised when collections, validators or indexes change. */
export const SCHEMA_VERSION = 5;

/** Makes or brings up to date every collection: simple collation, validator, indexes, and on a router the shard key. */
export async function migrate(connection: Connection, collections: Collections): Promise<void> {
  const db = connection.getClient().db(connection.name);
  await translated(async () => {
    const router = await isRouter(db);
    if (router) await connection.getClient().db('admin').command({ enableSharding: connection.name });
    const prepare = async (plan: CollectionPlan) => {
      await createCollection(db, plan);
      if (router && plan.sharded) await shard(connection, plan);
      if (plan.indexes.length === 0) return;
      await db.command({ createIndexes: plan.name, indexes: plan.indexes.map((index) => ({ ...index })), ...DURABLE });
    };
    // A cluster's catalogue takes one at a time.
    if (router) for (const plan of COLLECTIONS) await prepare(plan);
    else await allOf(COLLECTIONS.map(prepare));
    const marked = { $set: { version: SCHEMA_VERSION } as Document };
    await unlessThere(collections.keys.updateOne({ _id: MARKER }, marked, { ...DURABLE, ...SIMPLE, upsert: true }));
  });
}

/** @throws MemwardenError store_not_migrated */
export async function assertMigrated(collections: Collections): Promise<void> {
  const marker = await translated(() => collections.keys.findOne({ _id: MARKER }, SETTLED));
  if ((marker as Document | null)?.['version'] !== SCHEMA_VERSION) throw new MemwardenError('store_not_migrated');
}

/** Whether the connection ends at a router of a sharded cluster. */
export async function isRouter(db: Db): Promise<boolean> {
  const hello = await db.admin().command({ hello: 1 });
  return hello['msg'] === 'isdbgrid';
}

/** Whether a collection that was found compares strings byte by byte (S3). */
export function isSimple(found: Document): boolean {
  return (found['options'] as Document | undefined)?.['collation'] === undefined;
}

/** Whether a collection that was found refuses what its plan's validator refuses. */
export function isInForce(found: Document, { validator }: CollectionPlan): boolean {
  const options = (found['options'] ?? {}) as Document;
  if (!validator) return true;
  const { validationLevel, validationAction } = STRICT;
  const strict =
    (options['validationLevel'] ?? validationLevel) === validationLevel &&
    (options['validationAction'] ?? validationAction) === validationAction;
  return strict && JSON.stringify(options['validator']) === JSON.stringify(validator);
}

// Nothing is under way any more when it throws.
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  for (const work of await Promise.allSettled(works)) if (work.status === 'rejected') throw work.reason;
}

async function createCollection(db: Db, plan: CollectionPlan): Promise<void> {
  const options = plan.validator ? { validator: plan.validator, ...STRICT } : {};
  try {
    await db.createCollection(plan.name, {
      ...SIMPLE,
      ...DURABLE,
      ...options,
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    const found = await db.listCollections({ name: plan.name }, { nameOnly: false }).next();
    if (found && !isSimple(found)) throw new MemwardenError('store_unsafe', { argument: `collation of ${plan.name}` });
    // Only where it differs: it is refused while another that migrates makes the indexes.
    if (!found || !isInForce(found, plan)) await db.command({ collMod: plan.name, ...options, ...DURABLE });
  }
}

async function shard(connection: Connection, plan: CollectionPlan): Promise<void> {
  const admin = connection.getClient().db('admin');
  try {
    await admin.command({ shardCollection: `${connection.name}.${plan.name}`, key: { user_id: 'hashed' }, ...SIMPLE });
  } catch (error) {
    if ((error as { code?: unknown }).code !== ALREADY_SHARDED) throw error;
  }
}

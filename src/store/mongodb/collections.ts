import type { Collection } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { COLLECTIONS } from './schema.js';
import type { AuditRow } from './audit.js';
import type { ValueRow } from './values.js';
import type { HistoryRow, KeyRow, MemoryRow, PartitionRow } from './rows.js';

/**
 * The collections under the models. Filters reach the driver as `filter.ts` built them: mongoose would cast them again,
 * and its casting concatenates two top-level `$or`, so the models serve `migrate` alone.
 */
export interface Collections {
  readonly memories: Collection<MemoryRow>;
  readonly history: Collection<HistoryRow>;
  readonly partitions: Collection<PartitionRow>;
  readonly keys: Collection<KeyRow>;
  /** Of a key store that must not be here. */
  readonly keyDocuments: Collection;
  readonly audit: Collection<AuditRow>;
  readonly values: Collection<ValueRow>;
  /** How long one operation may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly models: ReadonlyMap<string, Model<unknown>>;
}

/** The same with the collections of shared spaces in the place of those of users. */
export function sharedOf(collections: Collections, connection: Connection): Collections {
  const db = connection.getClient().db(connection.name);
  return {
    ...collections,
    memories: db.collection('shared_memories'),
    history: db.collection('shared_history'),
    partitions: db.collection('shared_partitions'),
  };
}

/** Registers the models on a connection and takes their collections. */
export function collectionsOf(connection: Connection, timeoutMs: number): Collections {
  const models = new Map(
    COLLECTIONS.map(({ name, schema }) => [name, connection.model(name, schema, name) as unknown as Model<unknown>]),
  );
  const db = connection.getClient().db(connection.name);
  return {
    memories: db.collection('memories'),
    history: db.collection('history'),
    partitions: db.collection('partitions'),
    keys: db.collection('instance_keys'),
    keyDocuments: db.collection('key_documents'),
    audit: db.collection('audit'),
    values: db.collection('service_values'),
    timeoutMs,
    models,
  };
}

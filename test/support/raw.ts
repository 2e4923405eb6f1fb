import { MongoClient, type Document } from 'mongodb';
import type { MemoryRecord } from '../../src/model/fields.js';
import { openTables } from '../../src/store/embedded/environment.js';

/** The store below every check: what an operator with write access, or an older program, could have done. */
export interface Raw {
  /** Puts a document into a user's partition as it is, past the validator; `id` names it. */
  plant(owner: string, document: Readonly<Record<string, unknown>>): Promise<void>;
  /** Every document that holds a memory. */
  memories(): Promise<Record<string, unknown>[]>;
  /** Every document that holds a state of a memory. */
  states(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

const TENANT = 'default';
// A read of the majority must see it at once.
const SETTLED = { writeConcern: { w: 'majority', j: true } } as const;

/** A record that nothing is wrong with. */
export function soundRecord(
  owner: string,
  id: string,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const at = new Date('2026-02-01T00:00:00.000Z');
  const times = { occurred_at: at, created_at: at, updated_at: at };
  return {
    id,
    tenant: TENANT,
    user_id: owner,
    sensitivity: 'public',
    category: 'general',
    ...times,
    version: 1,
    content: 'planted',
    ...more,
  };
}

export async function rawEmbedded(path: string): Promise<Raw> {
  const tables = await openTables(path);
  return {
    async plant(owner, document) {
      const id = String(document['id']);
      const at = document['occurred_at'];
      const time = at instanceof Date && !Number.isNaN(at.getTime()) ? at.getTime() : Date.UTC(2026, 0, 1);
      await tables.memories.put([TENANT, owner, id], document as unknown as MemoryRecord);
      await tables.recent.put([TENANT, owner, time, id], true);
      if (!tables.partitions.get([TENANT, owner])) {
        await tables.partitions.put([TENANT, owner], { revision: 1, createdAt: new Date() });
      }
    },
    memories() {
      tables.root.resetReadTxn();
      return Promise.resolve([...tables.memories.getRange()].map(({ value }) => ({ ...value })));
    },
    states() {
      tables.root.resetReadTxn();
      return Promise.resolve([...tables.history.getRange()].map(({ value }) => ({ ...value.record })));
    },
    close: () => tables.root.close(),
  };
}

export async function rawMongo(uri: string): Promise<Raw> {
  const client = await new MongoClient(uri).connect();
  const db = client.db();
  const all = async (name: string) => (await db.collection(name).find().toArray()) as Record<string, unknown>[];
  return {
    async plant(owner, { id, ...rest }) {
      await db
        .collection<Document>('memories')
        .insertOne({ _id: id, ...rest } as Document, { bypassDocumentValidation: true, ...SETTLED });
      const row = { tenant: TENANT, created_at: new Date(), revision: 1 };
      const key = { _id: `${TENANT}/${owner}`, user_id: owner } as Document;
      await db.collection('partitions').updateOne(key, { $setOnInsert: row }, { upsert: true, ...SETTLED });
    },
    async memories() {
      return (await all('memories')).map(({ _id: id, ...rest }) => ({ id, ...rest }));
    },
    states: () => all('history'),
    close: () => client.close(),
  };
}

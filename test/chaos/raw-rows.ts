import { MongoClient, type Document } from 'mongodb';

/** What lies in the store of one user, document by document, past every plan. */
export interface RawRows {
  memories(userId: string): Promise<Document[]>;
  states(userId: string): Promise<Document[]>;
  partition(userId: string): Promise<{ revision: number; writers: unknown[] }>;
  close(): Promise<void>;
}

export async function rawRows(uri: string): Promise<RawRows> {
  const client = await new MongoClient(uri, { readConcernLevel: 'majority' }).connect();
  const of = (name: string, userId: string) => client.db().collection(name).find({ user_id: userId }).toArray();
  return {
    memories: (userId) => of('memories', userId),
    states: (userId) => of('history', userId),
    async partition(userId) {
      const rows = await of('partitions', userId);
      const [row] = rows;
      if (!row || rows.length > 1) throw new Error(`${rows.length} rows of one partition`);
      return { revision: row['revision'] as number, writers: (row['writers'] ?? []) as unknown[] };
    },
    close: () => client.close(),
  };
}

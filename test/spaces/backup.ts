import { cp, rm } from 'node:fs/promises';
import { MongoClient } from 'mongodb';

/** Where something is stored. */
export type Stored =
  { readonly kind: 'embedded'; readonly path: string } | { readonly kind: 'mongodb'; readonly uri: string };

/** A backup that was taken. */
export interface Backup {
  /** Puts what was there then in the place of what is there now. Nothing may have it open. */
  restore(): Promise<void>;
  drop(): Promise<void>;
}

/** Takes a backup as operators do: of the files, or of every collection. */
export async function backUp(stored: Stored): Promise<Backup> {
  if (stored.kind === 'mongodb') return backUpMongo(stored.uri);
  const copy = `${stored.path}-backup`;
  await cp(stored.path, copy, { recursive: true });
  return {
    async restore() {
      await rm(stored.path, { recursive: true });
      await cp(copy, stored.path, { recursive: true });
    },
    drop: () => rm(copy, { recursive: true, force: true }),
  };
}

async function backUpMongo(uri: string): Promise<Backup> {
  const on = async <T>(work: (client: MongoClient, name: string) => Promise<T>): Promise<T> => {
    const client = await MongoClient.connect(uri);
    try {
      return await work(client, client.db().databaseName);
    } finally {
      await client.close();
    }
  };
  const copied = (name: string) => `${name}_backup`;
  const collections = async (client: MongoClient, db: string) =>
    (await client.db(db).listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const copy = async (client: MongoClient, from: string, to: string) => {
    for (const coll of await collections(client, from))
      await client
        .db(from)
        .collection(coll)
        .aggregate([{ $out: { db: to, coll } }])
        .toArray();
  };
  await on((client, name) => copy(client, name, copied(name)));
  return {
    restore: () =>
      on(async (client, name) => {
        for (const coll of await collections(client, name)) await client.db(name).collection(coll).deleteMany({});
        await copy(client, copied(name), name);
      }),
    drop: () => on(async (client, name) => void (await client.db(copied(name)).dropDatabase())),
  };
}

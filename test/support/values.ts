import { MongoClient } from 'mongodb';
import { openTables } from '../../src/store/embedded/environment.js';
import type { Opened } from './warden.js';

/** Everything that the product keeps beside memories, whatever it is for: the raw collection, the raw table. */
export async function valuesOf({ place: { store } }: Opened): Promise<string> {
  if (store.kind === 'mongodb') {
    const client = await new MongoClient(store.uri).connect();
    try {
      return JSON.stringify(await client.db().collection('service_values').find().toArray());
    } finally {
      await client.close();
    }
  }
  const tables = await openTables(store.path);
  tables.root.resetReadTxn();
  const all = JSON.stringify([...tables.values.getRange()]);
  await tables.root.close();
  return all;
}

import '../support/fresh-lmdb.js';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { embeddedStore } from './embedded-store.js';
import { mongoStore } from './mongo-store.js';
import type { ParityStore } from './store.js';

/** Runs a suite on the embedded store and on every MongoDB deployment there is, each opened once. */
export function describeOnParityStores(name: string, suite: (store: () => ParityStore) => void): void {
  describe(`${name} [embedded]`, () => suite(opened(embeddedStore)));
  describeOnMongoParity(name, suite);
}

/** Runs a suite on every MongoDB deployment there is. */
export function describeOnMongoParity(name: string, suite: (store: () => ParityStore) => void): void {
  describeOnTypicalMongo(name, ({ uri }) => {
    const database = freshDatabase(uri);
    const store = opened(() => mongoStore(database.uri));
    afterAll(() => database.drop());
    suite(store);
  });
}

function opened(open: () => Promise<ParityStore>): () => ParityStore {
  let store: ParityStore | undefined;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store?.close());
  return () => {
    if (!store) throw new Error('the store is opened before the tests');
    return store;
  };
}

import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { wardenCrash } from './warden-crash.js';

describeOnTypicalMongo('A warden that dies between two steps of an act', (deployment) => {
  test('S11, S18: the history tells every acknowledged change and none that did not happen, and no sealed field is left', async () => {
    const database = freshDatabase(deployment.uri);
    try {
      const figures = await wardenCrash({ kind: 'mongodb', uri: database.uri, timeoutMs: 20_000 });
      expect(figures['crashes']).toBeGreaterThanOrEqual(20);
      expect(figures['carried_through']).toBeGreaterThan(0);
      expect(figures['taken_back']).toBeGreaterThan(0);
    } finally {
      await database.drop();
    }
  }, 120_000);
});

import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { eachUserKill } from './each-user-kill.js';
import { onFolder } from './key-acts.js';

// A sample of `npm run chaos`.
const setting = { seed: 20_269, rounds: 1, log: () => undefined };
const RULE =
  'G23: a job over all users whose process is killed goes on in another: every user is done, none is skipped';

test(`${RULE} [embedded]`, async () => {
  const figures = await eachUserKill(onFolder)(setting);
  expect(figures).toMatchObject({ jobs: 1, skipped: 0 });
  expect(figures['kills']).toBeGreaterThan(0);
}, 180_000);

describeOnTypicalMongo('a killed job over all users', ({ uri }) => {
  test(
    RULE,
    async () => {
      const database = freshDatabase(uri);
      const place = { kind: 'mongodb', uri: database.uri, timeoutMs: 20_000 } as const;
      const figures = await eachUserKill(() => Promise.resolve({ place, end: () => database.drop() }))(setting);
      expect(figures).toMatchObject({ jobs: 1, skipped: 0 });
      expect(figures['kills']).toBeGreaterThan(0);
    },
    180_000,
  );
});

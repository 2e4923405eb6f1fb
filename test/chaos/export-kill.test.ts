import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { exportKill } from './export-kill.js';
import { onFolder } from './key-acts.js';

// A sample of `npm run chaos`.
const setting = (rounds: number) => ({ seed: 20_262, rounds, log: () => undefined });
const RULE = 'G23: an export whose process is killed goes on in another, with every memory once, and verifies';

test(`${RULE} [embedded]`, async () => {
  const figures = await exportKill(onFolder)(setting(2));
  expect(figures).toMatchObject({ exports: 2, duplicates: 0, gaps: 0 });
  expect(figures['kept']).toBeGreaterThan(0);
}, 180_000);

describeOnTypicalMongo('a killed export', ({ uri }) => {
  test(
    RULE,
    async () => {
      const database = freshDatabase(uri);
      const places = () =>
        Promise.resolve({
          place: { kind: 'mongodb', uri: database.uri, timeoutMs: 20_000 } as const,
          end: () => database.drop(),
        });
      const figures = await exportKill(places)(setting(1));
      expect(figures).toMatchObject({ exports: 1, duplicates: 0, gaps: 0 });
      expect(figures['kept']).toBeGreaterThan(0);
    },
    180_000,
  );
});

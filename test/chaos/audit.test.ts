import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { auditKill, auditWriters } from './audit-log.js';
import { onEmbedded } from './scenario.js';

// A sample of `npm run chaos`: 1,000 kills and 8 writers for 60 seconds there.
const setting = (rounds: number) => ({ seed: 20_269, rounds, log: () => undefined });
const FEW = { processes: 3, ms: 1_500, callers: 16 };
const LONG = 180_000;

test(
  'G20: no acknowledged record of the audit log is lost when its writers are killed, and there is no fork [embedded]',
  async () => {
    const figures = await onEmbedded((place) => auditKill(place, setting(14)));
    expect(figures).toMatchObject({ kills: 14, lost: 0, forks: 0 });
    expect(figures['acknowledged']).toBeGreaterThan(100);
  },
  LONG,
);

test(
  'G20: processes that write the audit log at once leave no gap and no fork [embedded]',
  async () => {
    const figures = await onEmbedded((place) => auditWriters(place, FEW));
    expect(figures).toMatchObject({ processes: 3, gaps: 0, forks: 0 });
    expect(figures['records']).toBeGreaterThan(100);
  },
  LONG,
);

describeOnTypicalMongo('G20: the audit log on MongoDB', (deployment) => {
  test(
    'G20: no acknowledged record is lost when its writers are killed; writers at once leave no gap and no fork',
    async () => {
      for (const run of ['kill', 'write']) {
        const database = freshDatabase(deployment.uri);
        const place = { kind: 'mongodb', uri: database.uri, timeoutMs: 20_000 } as const;
        try {
          const figures = run === 'kill' ? await auditKill(place, setting(6)) : await auditWriters(place, FEW);
          expect(figures).toMatchObject({ forks: 0 });
        } finally {
          await database.drop();
        }
      }
    },
    LONG,
  );
});

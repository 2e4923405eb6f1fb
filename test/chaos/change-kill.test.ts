import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { changeKill } from './change-kill.js';
import { onFolder } from './key-acts.js';

// A sample of `npm run chaos`.
test('S24: after a kill every effect that is there has its result, or its intent is left to be reconciled [embedded]', async () => {
  const figures = await changeKill(onFolder)({ seed: 20_269, rounds: 5, log: () => undefined });
  expect(figures).toMatchObject({ kills: 5 });
  expect(figures['acknowledged']).toBeGreaterThanOrEqual(20);
}, 180_000);

import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { erasureKill, onFolder, rotationKill } from './key-acts.js';

const setting = { seed: 20_261_121, rounds: 3, log: () => undefined };

test('G14: a process that rotates keys and is killed leaves nothing unreadable', async () => {
  expect(await rotationKill(onFolder)(setting)).toMatchObject({ unreadable: 0 });
}, 180_000);

test('G21: a process that erases and is killed leaves nothing of the user once resumed, and everything of others', async () => {
  expect(await erasureKill(onFolder)(setting)).toMatchObject({ left: 0 });
}, 180_000);

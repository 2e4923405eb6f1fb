import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { amount } from '../../src/cli/amount.js';
import { leftInSpaces } from '../../src/cli/left-in-spaces.js';
import { cli, inFolder, storeIn } from './in-process.js';

test('one is one, and none or several are many', () => {
  expect([0, 1, 2].map((n) => amount(n, 'user'))).toEqual(['0 users', '1 user', '2 users']);
  expect([1, 2].map((n) => amount(n, 'memory'))).toEqual(['1 memory', '2 memories']);
  expect(amount(2, 'part of a space', 'parts of spaces')).toBe('2 parts of spaces');
});

test('S21: an erasure says what of the user stays in spaces, and what went from them', () => {
  const space = 'pseudonym';
  expect(leftInSpaces()).toEqual([]);
  expect(leftInSpaces([{ space, rule: 'keep', removed: 0 }])).toEqual([
    'kept in 1 space: what the user wrote there stays readable for others, under a random name',
  ]);
  const all = [
    { space, rule: 'remove', removed: 2 },
    { space, rule: 'keep', removed: 0 },
    { space, rule: 'remove', removed: 0 },
    { space, rule: 'keep', removed: 0 },
  ] as const;
  expect(leftInSpaces(all)).toEqual(['removed 2 memories in 2 spaces', expect.stringMatching(/^kept in 2 spaces: /)]);
});

test('a list of nothing says so', () =>
  inFolder(async (folder) => {
    const data = ['--as', 'admin', '--data', join(folder, 'data')];
    await storeIn(join(folder, 'data'));
    expect((await cli(['tenants', 'list', ...data])).out).toBe('no tenants\n');
    expect((await cli(['tenants', 'list', ...data, '--json'])).out).toBe('');
    expect((await cli(['list', '--user', 'alice', ...data])).out).toBe('no memories\n');
    expect((await cli(['audit', 'query', '--user', 'nobody', ...data])).out).toBe('no records\n');
  }));

import { existsSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { admin, cli, inFolder, json } from './in-process.js';

const ID = '0190b6a0-0000-7000-8000-000000000000';
const AS = ['--as', 'admin'];

/** Every command that opens a store and makes none. */
const READERS: readonly (readonly string[])[] = [
  ['list', ...admin('alice')],
  ['get', ID, ...admin('alice')],
  ['count', ...admin('alice')],
  ['search', 'tea', ...admin('alice')],
  ['update', ID, ...admin('alice'), '--content', 'tea'],
  ['delete', ID, ...admin('alice')],
  ['history', ID, ...admin('alice')],
  ['explain', ID, ...admin('alice')],
  ['policy', 'explain', ID, ...admin('alice')],
  ['users', ...AS],
  ['each-user', 'count', ...AS],
  ['classify', '--all-users', ...AS],
  ['audit', 'verify', ...AS],
  ['audit', 'tail', ...AS],
  ['credentials', 'list', ...AS],
  ['credentials', 'revoke', ID, ...AS],
  ['keys', 'status', ...AS],
  ['keys', 'public'],
  ['erasure', 'run', '--user', 'alice', ...AS],
  ['erasure', 'replay', ...AS],
  ['tenants', 'list', ...AS],
  ['list', ...admin('alice'), '--tenant', 'acme'],
  ['space', 'list', ...AS],
  ['space', 'memories', 'team', ...AS],
  ['export', 'show', ID, ...AS],
  ['purge'],
  ['embed'],
];
const MAKERS: readonly (readonly string[])[] = [
  ['add', 'tea', ...admin('alice')],
  ['migrate'],
  ['tenants', 'create', 'acme', ...AS],
  ['credentials', 'create', '--role', 'agent', ...AS],
  ['space', 'create', 'team', '--on-erase', 'keep', ...AS],
];

describe('a path with a slip in it', () => {
  test.each(READERS)('is told of, and makes nothing: %s %s', (...argv) =>
    inFolder(async (folder) => {
      const { exit, out, err } = await cli([...argv, '--data', join(folder, 'typo', 'dat'), '--json']);
      expect([exit, out]).toEqual([7, '']);
      expect(json(err)).toMatchObject({
        code: 'store_unavailable',
        detail: { argument: '--data', reason: expect.stringContaining(join(folder, 'typo', 'dat')) },
      });
      expect(await readdir(folder)).toEqual([]);
    }),
  );

  test('is told of by doctor among what it found, and by mcp before it looks at the key', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'typo')];
      const looked = await cli(['doctor', ...data]);
      expect([looked.exit, looked.out]).toEqual([
        9,
        expect.stringMatching(/WRONG store: store_unavailable[^]*there is no store at/),
      ]);
      const spoke = await cli(['mcp', ...data], { env: { MEMWARDEN_API_KEY: 'mw_none' } });
      expect([spoke.exit, spoke.out, spoke.err]).toEqual([7, '', expect.stringContaining('there is no store at')]);
      expect(spoke.err).toMatch(/Check --data, or MEMWARDEN_DATA/);
      expect(await readdir(folder)).toEqual([]);
    }));

  test.each(MAKERS)('is a new store for what writes: %s', (...argv) =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'data')];
      expect(await cli([...argv, ...data])).toMatchObject({ exit: 0 });
      expect(existsSync(join(folder, 'data', 'data.mdb'))).toBe(true);
      expect(await cli(['list', ...admin('alice'), ...data])).toMatchObject({ exit: 0 });
    }),
  );

  test.each([['list', ...admin('alice')], ...MAKERS])('that is a file is a wrong argument: %s', (...argv) =>
    inFolder(async (folder) => {
      const file = join(folder, 'file');
      writeFileSync(file, 'text');
      const { exit, err } = await cli([...argv, '--data', file]);
      expect([exit, err]).toEqual([2, expect.stringMatching(/invalid_argument[^]*--data, reason: .*file is a file/)]);
      expect(await readdir(folder)).toEqual(['file']);
    }),
  );
});

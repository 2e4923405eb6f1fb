import { existsSync } from 'node:fs';
import { appendFile, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { inSetting, line } from './import-setting.js';
import { admin, cli, json, lines } from './in-process.js';

describe('import again', () => {
  const good = [0, 1, 2].map((i) => line({ content: `${i}` })).join('');

  test('a file that was imported is not imported again, unless --fresh says so', () =>
    inSetting(async ({ write, import: run, contents }) => {
      await write(good + 'bad\n');
      for (let i = 0; i < 3; i += 1) {
        const ran = await run(...admin('alice'));
        const { imported, importedBefore, rejected } = json(ran.out);
        expect([ran.exit, imported, importedBefore, rejected]).toEqual(i === 0 ? [8, 3, 0, 1] : [8, 0, 3, 1]);
        expect(await contents('alice')).toHaveLength(3);
      }
      await run(...admin('alice'), '--fresh');
      expect(await contents('alice')).toHaveLength(6);
    }));

  test('lines that were appended since are imported, and only they', () =>
    inSetting(async ({ file, write, import: run, contents }) => {
      await write(good);
      await run(...admin('alice'));
      await appendFile(file, line({ content: 'new' }) + 'bad\n');
      const ran = await run(...admin('alice'));
      expect([ran.exit, json(ran.out)['imported'], json(ran.out)['importedBefore']]).toEqual([8, 1, 3]);
      expect(lines(ran.err)).toEqual([{ line: 5, code: 'invalid_argument', argument: 'not JSON' }]);
      expect(await contents('alice')).toEqual(['new', '2', '1', '0']);
    }));

  test('a file whose imported part changed is refused', () =>
    inSetting(async ({ write, import: run, contents }) => {
      await write(good);
      await run(...admin('alice'));
      await write(line({ content: 'other' }) + good);
      expect(await run(...admin('alice'))).toMatchObject({ exit: 2, err: expect.stringContaining('--fresh') });
      expect(await contents('alice')).toHaveLength(3);
    }));

  test('the same file with other flags is refused until --fresh, so that the first command never stores a line twice', () =>
    inSetting(async ({ write, import: run, contents }) => {
      await write(good);
      await run(...admin('alice'));
      const bob = await run(...admin('bob'));
      expect(bob).toMatchObject({ exit: 2, err: expect.stringMatching(/another --user or --space; --fresh/) });
      const delegate = await run(...admin('alice'), '--principal', 'other');
      expect(delegate).toMatchObject({ exit: 2, err: expect.stringMatching(/another principal/) });
      expect((await run(...admin('alice'))).exit).toBe(0);
      expect([(await contents('alice')).length, (await contents('bob')).length]).toEqual([3, 0]);
      expect((await run(...admin('bob'), '--fresh')).exit).toBe(0);
      expect((await run(...admin('alice'))).exit).toBe(2);
      expect([(await contents('alice')).length, (await contents('bob')).length]).toEqual([3, 3]);
    }));

  test('people are told what this run imported and what was imported before', () =>
    inSetting(async ({ file, data, write }) => {
      await write(good);
      const again = () => cli(['import', file, ...admin('alice'), ...data.filter((flag) => flag !== '--json')]);
      expect((await again()).out).toBe('imported 3, rejected 0\n');
      expect((await again()).out).toBe('imported 0 (3 before), rejected 0\n');
    }));

  test('a damaged state file is refused, not guessed at', () =>
    inSetting(async ({ file, write, import: run }) => {
      await write(good);
      await writeFile(`${file}.import-state.json`, '{"version":1');
      expect(await run(...admin('alice'))).toMatchObject({ exit: 2, err: expect.stringContaining('damaged') });
    }));

  test('two processes do not import one file at the same time; a lock of a dead one is taken over', () =>
    inSetting(async ({ file, write, import: run }) => {
      await write(good);
      await writeFile(`${file}.import-state.lock`, String(process.ppid));
      expect((await run(...admin('alice'))).exit).toBe(5);
      await writeFile(`${file}.import-state.lock`, '4194303');
      expect((await run(...admin('alice'))).exit).toBe(0);
      expect(existsSync(`${file}.import-state.lock`)).toBe(false);
    }));

  test('what is no regular file, or not there, is an error of its own', () =>
    inSetting(async ({ file, data, import: run }) => {
      expect(await run(...admin('alice'))).toMatchObject({ exit: 2, err: expect.stringContaining('no such file') });
      const nowhere = await cli(['import', `${file}.folder/in.ndjson`, ...admin('alice'), ...data]);
      expect(nowhere).toMatchObject({ exit: 2, err: expect.stringContaining('no such file') });
      await symlink('/dev/null', file);
      expect(await run(...admin('alice'))).toMatchObject({ exit: 2, err: expect.stringContaining('regular file') });
      await rm(file);
    }));
});

import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { build, start, type Built } from './built.js';
import { inFolder } from './in-process.js';

describe('the built command line', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 120_000);
  afterAll(() => built.remove());

  test(
    'the demo tells both stories, twice the same, ends with 0 and leaves nothing behind',
    () =>
      inFolder(async (folder) => {
        const first = await start(built, ['demo'], folder).ended;
        const second = await start(built, ['demo'], folder).ended;
        expect([first.code, first.err]).toEqual([0, '']);
        expect(second).toEqual(first);
        expect(await readdir(folder)).toEqual([]);

        const [naive, scoped, deletion] = [
          'bob\'s agent asks about "Which meal suits?" and gets: "Alice is vegetarian',
          "in bob's memories:   nothing",
          '1 deleted',
        ];
        for (const part of [naive, scoped, deletion, "in alice's memories: forbidden", "bob's agent counts 1"])
          expect(first.out).toContain(part);
        for (const rule of ['agent-own-memories', 'export-public-memories', 'admin-memories'])
          expect(first.out).toContain(rule);
        expect(first.out).toContain('createWarden');
        // What it tells to import is there, from where it was told.
        const [, example = ''] = /import (\S+) --users-from-file/.exec(first.out) ?? [];
        expect((await readFile(resolve(folder, example), 'utf8')).trim().split('\n')).toHaveLength(180);
      }),
    120_000,
  );

  test(
    'the counts of the demo are those of the example set',
    () =>
      inFolder(async (folder) => {
        const { out } = await start(built, ['demo'], folder).ended;
        const year = (await readFile(new URL('../../examples/year.ndjson', import.meta.url), 'utf8'))
          .trim()
          .split('\n');
        const all = year.map((line) => JSON.parse(line) as { user_id: string; sensitivity: string });
        for (const user of ['alice', 'bob', 'chiara']) {
          for (const level of ['public', 'private', 'sensitive']) {
            const stored = all.filter((one) => one.user_id === user && one.sensitivity === level).length;
            const forAgent = user !== 'alice' ? 'forbidden' : level === 'sensitive' ? 0 : stored;
            const cells = [user, level, stored, forAgent, level === 'public' ? stored : 0, stored];
            const row = cells.map((cell) => `│ ${String(cell)} +`).join('');
            expect(out).toMatch(new RegExp(row));
          }
        }
      }),
    120_000,
  );

  test(
    'the bin is executable by node, and its exit code is that of the command',
    () =>
      inFolder(async (folder) => {
        expect((await readFile(built.main, 'utf8')).startsWith('#!/usr/bin/env node\n')).toBe(true);
        expect((await start(built, ['migrate'], folder).ended).code).toBe(0);
        expect((await start(built, ['doctor', '--json'], folder).ended).code).toBe(0);
        expect((await start(built, ['get', 'x', '--user', 'a', '--as', 'admin'], folder).ended).code).toBe(4);
        expect((await start(built, ['list', '--user', 'a', '--as', 'agent'], folder).ended).code).toBe(3);
        expect((await start(built, ['nothing'], folder).ended).code).toBe(2);
        expect((await start(built, [], folder).ended).code).toBe(2);
      }),
    120_000,
  );

  test(
    'a reader that has had enough is no error',
    () =>
      inFolder(async (folder) => {
        const lines = Array.from({ length: 20_000 }, (_, i) =>
          JSON.stringify({ content: `memory ${i} ${'x'.repeat(100)}` }),
        ).join('\n');
        const { writeFile } = await import('node:fs/promises');
        await writeFile(`${folder}/in.ndjson`, lines);
        expect((await start(built, ['import', 'in.ndjson', '--user', 'a', '--as', 'admin'], folder).ended).code).toBe(
          0,
        );
        const child = spawn(process.execPath, [built.main, 'list', '--user', 'a', '--as', 'admin', '--all', '--json'], {
          cwd: folder,
          env: {},
        });
        let err = '';
        child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
        child.stdout.once('data', () => child.stdout.destroy());
        const code = await new Promise((resolve) => child.on('close', resolve));
        expect([code, err]).toEqual([0, '']);
      }),
    120_000,
  );
});

import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, type Built } from './built.js';
import { admin, cli, inFolder, storeIn } from './in-process.js';
import { hasTerminals, reason, TERMINAL } from './terminal.js';

(hasTerminals ? describe : describe.skip)(`${reason}a command that shows how far it is`, () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built.remove());

  test.each([
    ['keys', 'rotate', '--user', 'bob', '--as', 'nobody'],
    ['erasure', 'run', '--user', 'bob', '--as', 'export'],
  ])('ends on a terminal when it is refused: %s %s', (...command) =>
    inFolder(async (folder) => {
      await storeIn(join(folder, '.memwarden', 'data'));
      const { PATH = '', HOME = '' } = process.env;
      const { status, stdout, error } = spawnSync(
        'python3',
        ['-c', TERMINAL, process.execPath, built.main, ...command],
        {
          cwd: folder,
          env: { PATH, HOME, TERM: 'xterm' },
          timeout: 45_000,
          encoding: 'utf8',
        },
      );
      expect([error, status]).toEqual([undefined, 3]);
      expect(stdout).toContain('forbidden');
      // The cursor is shown again.
      expect(stdout.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001b[?25l'));
    }),
  );

  test('an import of what was imported before ends with a full bar', () =>
    inFolder((folder) => {
      const { PATH = '', HOME = '' } = process.env;
      const file = join(folder, 'lines.ndjson');
      writeFileSync(file, '{"content":"tea"}\n');
      const command = ['import', file, '--user', 'bob', '--as', 'admin'];
      for (let round = 0; round < 2; round += 1) {
        const { status, stdout } = spawnSync('python3', ['-c', TERMINAL, process.execPath, built.main, ...command], {
          cwd: folder,
          env: { PATH, HOME, TERM: 'xterm' },
          timeout: 45_000,
          encoding: 'utf8',
        });
        expect([status, stdout.match(/\d+%/g)?.at(-1)]).toEqual([0, '100%']);
      }
      return Promise.resolve();
    }));

  test.each([
    [['erasure', 'run', '--user', 'alice'], /the same command[^]*erasure run --as admin --out FILE/],
    [['space', 'erase', 'team'], /the same command[^]*erasure run --as admin --out FILE/],
    [['tenants', 'drop', 'acme', '--confirm', 'acme'], /the same command goes on/],
    [['keys', 'rotate', '--user', 'alice'], /the same command goes on/],
  ])('S22: tells second by second how long it waits, and at Ctrl-C the way on: %j', (command, way) =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, '.memwarden', 'data')];
      const asAdmin = ['--as', 'admin', ...data];
      for (const made of [
        ['add', 'tea', ...admin('alice'), ...data],
        ['space', 'create', 'team', '--on-erase', 'keep', ...asAdmin],
        ['tenants', 'create', 'acme', ...asAdmin],
      ])
        expect(await cli(made)).toMatchObject({ exit: 0 });
      const { PATH = '', HOME = '' } = process.env;
      const terminal = spawn('python3', ['-c', TERMINAL, process.execPath, built.main, ...command, '--as', 'admin'], {
        cwd: folder,
        env: { PATH, HOME, TERM: 'xterm' },
      });
      let [text, pid] = ['', ''];
      terminal.stderr.on('data', (chunk: Buffer) => (pid += chunk.toString()));
      const ended = new Promise<number | null>((done) => terminal.once('close', done));
      const told = () => [...new Set([...text.matchAll(/ in (\d+) s/g)].map(([, left]) => Number(left)))];
      await new Promise<void>((done) => {
        terminal.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (told().length >= 2) done();
        });
        void ended.then(() => done());
      });
      process.kill(Number(pid.trim()), 'SIGINT');
      expect(await ended).toBe(130);
      expect(told()[1]).toBeLessThan(told()[0] ?? 0);
      expect(told()[0]).toBeGreaterThan(30);
      expect(text).toMatch(/interrupted: .*(?:begun|in use)/);
      expect(text).toMatch(way);
      // The cursor is shown, and long lines wrap again.
      for (const mode of ['?25', '?7'])
        expect(text.lastIndexOf(`\u001b[${mode}h`)).toBeGreaterThan(text.lastIndexOf(`\u001b[${mode}l`));
    }),
  );
});

import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, type Built } from './built.js';
import { inFolder } from './in-process.js';
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
    inFolder((folder) => {
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
      return Promise.resolve();
    }),
  );
});

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, start, type Built } from './built.js';
import { inFolder } from './in-process.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, section = ''] = /^## Run the server\n([^]*?)^## /m.exec(README) ?? [];
const [first = '', second = ''] = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) => text ?? '');

describe('the server of the readme', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built.remove());

  test('is started by its first snippet, and stores and shows a first memory by its second', async () => {
    await inFolder(async (folder) => {
      expect(first.trim()).toBe('npx memwarden serve');
      const { child, ended } = start(built, ['serve', '--port', '0'], folder);
      try {
        const url = await new Promise<string>((resolve, reject) => {
          let text = '';
          child.stdout?.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            const [, found] = /"event":"ready","url":"([^"]+)"/.exec(text) ?? [];
            if (found !== undefined) resolve(found);
          });
          void ended.then(({ err }) => reject(new Error(err)));
        });
        // What stands behind the dots a terminal would have shown.
        const [, , elsewhere = ''] = /^export KEY=(mw_\.\.\. #.*: (\$\(.*\)))$/m.exec(second) ?? [];
        expect(elsewhere).toBe('$(cat .memwarden/admin-key)');
        const script = second
          .replace('http://127.0.0.1:8420', url)
          .replace(/^export KEY=.*$/m, `export KEY=${elsewhere}`);
        expect(script).toContain(url);
        const { stdout } = await promisify(execFile)('bash', ['-ec', script], { cwd: folder, timeout: 20_000 });
        expect(stdout.match(/Alice is vegetarian\./g)).toHaveLength(2);
      } finally {
        child.kill('SIGTERM');
      }
      expect((await ended).code).toBe(0);
    });
  }, 60_000);
});

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, type Built } from './built.js';
import { inFolder } from './in-process.js';
import { hasTerminals, reason, TERMINAL } from './terminal.js';

(hasTerminals ? describe : describe.skip)(`${reason}memwarden serve on a terminal`, () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built.remove());

  /** Starts a server on a terminal, asks it something once it is ready, and ends it with SIGTERM. */
  async function served(folder: string, ask: (url: string, text: string) => Promise<void>): Promise<string> {
    const argv = ['-c', TERMINAL, process.execPath, built.main, 'serve', '--port', '0'];
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, TERM: 'dumb' };
    const child = spawn('python3', argv, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [text, pid] = ['', ''];
    child.stderr.on('data', (chunk: Buffer) => (pid += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const [, found] = /^\{"event":"ready","url":"([^"]+)".*\}/m.exec(text) ?? [];
        if (found !== undefined && text.includes('curl')) resolve(found);
      });
      void ended.then((code) => reject(new Error(`ended with ${code}: ${text}`)));
    });
    try {
      await ask(url, text);
    } finally {
      process.kill(Number(pid), 'SIGTERM');
    }
    expect(await ended).toBe(0);
    return text;
  }
  const statusOf = async (url: string, key: string) =>
    (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}`, connection: 'close' } })).status;

  test('the first start shows the admin key once, to whoever reads along, and writes it to no file', async () => {
    await inFolder(async (folder) => {
      const shown: string[] = [];
      const text = await served(folder, async (url, said) => {
        const [key = ''] = /mw_[a-z0-9]{12}_[A-Za-z0-9_-]{43}/.exec(said) ?? [];
        shown.push(key);
        expect(await statusOf(url, key)).toBe(200);
      });
      expect(text).toMatch(/The admin key, which is shown this once:\r?\n\r?\n {4}mw_/);
      expect(text.match(/mw_/g)).toHaveLength(1);
      expect(text).not.toContain('"admin-key"');
      expect(text).toContain('curl http://127.0.0.1:');
      expect(existsSync(join(folder, '.memwarden/admin-key'))).toBe(false);
      const again = await served(folder, async (url) => expect(await statusOf(url, shown[0] ?? '')).toBe(200));
      expect(again).not.toMatch(/mw_|admin key, which is shown/);
    });
  }, 60_000);
});

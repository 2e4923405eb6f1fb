import type { ChildProcess } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build, start, type Built, type Ended } from './built.js';
import { inFolder, lines } from './in-process.js';

interface Serving {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly url: string;
  readonly ready: Readonly<Record<string, unknown>>;
}

describe('memwarden serve', () => {
  let built: Built;
  beforeAll(async () => {
    built = await build();
  }, 60_000);
  afterAll(() => built.remove());

  // Resolves when the line on stdout says that it is ready.
  async function serving(folder: string, argv: readonly string[] = []): Promise<Serving> {
    const { child, ended } = start(built, ['serve', '--port', '0', ...argv], folder);
    let text = '';
    const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const line = /^\{"event":"ready".*$/m.exec(text);
        if (line) resolve(JSON.parse(line[0]) as Record<string, unknown>);
      });
      void ended.then(({ err }) => reject(new Error(err)));
    });
    return { child, ended, url: String(ready['url']), ready };
  }

  const get = async (url: string, key?: string) => {
    const headers = { connection: 'close', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
    const answer = await fetch(url, { headers });
    return [answer.status, await answer.text()] as const;
  };

  test('makes a key at the first start, takes it, ends with 0 at SIGTERM, and makes none at the second', async () => {
    await inFolder(async (folder) => {
      const first = await serving(folder);
      const path = join(folder, '.memwarden/admin-key');
      const key = readFileSync(path, 'utf8').trim();
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect((await get(`${first.url}/readyz`))[0]).toBe(200);
      expect((await get(`${first.url}/metrics`))[0]).toBe(401);
      expect((await get(`${first.url}/metrics`, key))[0]).toBe(200);
      expect((await get(`${first.url}/v1/users/alice/memories`, key))[0]).toBe(200);
      expect((await get(`${first.url}/v1/ping/`, key))[0]).toBe(200);
      expect(await get(`${first.url}/mcp`)).toEqual([401, expect.stringContaining('unauthenticated')]);
      first.child.kill('SIGTERM');
      const { code, signal, out, err } = await first.ended;
      expect([code, signal, err]).toEqual([0, null, '']);
      const said = lines(out);
      expect(said.filter(({ event }) => event !== undefined).map(({ event }) => event)).toEqual(['admin-key', 'ready']);
      expect(out).not.toContain(key.split('_')[2]);
      const second = await serving(folder);
      expect((await get(`${second.url}/metrics`, key))[0]).toBe(200);
      second.child.kill('SIGINT');
      const again = await second.ended;
      expect([again.code, lines(again.out).filter(({ event }) => event === 'admin-key')]).toEqual([0, []]);
    });
  }, 60_000);

  test('two processes that start at once on one store make one key between them', async () => {
    await inFolder(async (folder) => {
      const both = await Promise.all([serving(folder), serving(folder)]);
      const key = readFileSync(join(folder, '.memwarden/admin-key'), 'utf8').trim();
      for (const { url } of both) expect((await get(`${url}/metrics`, key))[0]).toBe(200);
      for (const { child } of both) child.kill('SIGTERM');
      const ended = await Promise.all(both.map((one) => one.ended));
      expect(ended.map(({ code }) => code)).toEqual([0, 0]);
      const told = ended.flatMap(({ out }) => lines(out).filter(({ event }) => event === 'admin-key'));
      expect(told).toHaveLength(1);
    });
  }, 60_000);

  test('G30: SIGTERM under load fails no request whose bytes were accepted', async () => {
    await inFolder(async (folder) => {
      const server = await serving(folder, ['--log-level', 'warn']);
      const key = readFileSync(join(folder, '.memwarden/admin-key'), 'utf8').trim();
      const counts = { answered: 0, afterwards: 0 };
      const failures: string[] = [];
      let terminated = false;
      // Each connection asks for one thing after another, as long as the server keeps it open.
      const client = async (): Promise<void> => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (;;) {
          const outcome = await ask(agent, `${server.url}/metrics`, key);
          if (outcome.error !== undefined) return void failures.push(outcome.error);
          if (outcome.status !== 200 || !outcome.whole) return void failures.push(`${outcome.status}`);
          counts.answered += 1;
          if (terminated) counts.afterwards += 1;
          if (outcome.closes) return agent.destroy();
        }
      };
      const clients = Array.from({ length: 20 }, client);
      while (counts.answered < 100 && failures.length === 0) await new Promise((done) => setTimeout(done, 20));
      server.child.kill('SIGTERM');
      terminated = true;
      await Promise.all(clients);
      const { code, err } = await server.ended;
      expect([failures, code, err]).toEqual([[], 0, '']);
      expect(counts.afterwards).toBeGreaterThanOrEqual(20);
    });
  }, 60_000);

  test('a signal that is told twice at once, as a terminal and npm do, is one: what runs ends', async () => {
    await inFolder(async (folder) => {
      const server = await serving(folder);
      for (const _ of [1, 2, 3]) server.child.kill('SIGTERM');
      const { code, signal } = await server.ended;
      expect([code, signal]).toEqual([0, null]);
    });
  }, 60_000);

  test('a second signal does not wait for what runs, nor for what runs at an exit', async () => {
    await inFolder(async (folder) => {
      const server = await serving(folder);
      // A request that is told to send a body, and does not.
      const agent = new Agent({ keepAlive: true });
      const waiting = send(`${server.url}/healthz`, { agent, method: 'POST', headers: { 'content-length': '9' } });
      waiting.on('error', () => undefined);
      waiting.write('{');
      await get(`${server.url}/healthz`);
      // Two that come at once are one; it is sent until it was heard twice.
      const again = setInterval(() => server.child.kill('SIGTERM'), 200);
      server.child.kill('SIGTERM');
      const { code, signal } = await server.ended;
      clearInterval(again);
      agent.destroy();
      expect([code, signal]).toEqual([null, 'SIGTERM']);
    });
  }, 60_000);

  test('takes its file of settings, and refuses what it does not know with exit code 2, on stderr, without a listener', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'memwarden.yaml');
      writeFileSync(
        file,
        'doors: { mcp: false }\nlimits:\n  bodyBytes: 2048\nmetrics:\n  port: 0\nstore: { kind: embedded, path: ./elsewhere/data }\n',
      );
      const server = await serving(folder, ['--config', file]);
      expect((await get(`${String(server.ready['metricsUrl'])}/metrics`))[0]).toBe(200);
      expect((await get(`${server.url}/mcp`))[0]).toBe(404);
      expect(statSync(join(folder, 'elsewhere/admin-key')).mode & 0o777).toBe(0o600);
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
      for (const [argv, said] of [
        [['--host', '0.0.0.0'], 'behindProxy'],
        [['--set', 'limits.bodyByte=1'], 'limits.bodyByte'],
        [['--log-level', 'loud'], 'log.level'],
        [['--tls-cert', 'none.pem', '--tls-key', 'none.pem'], 'tls.cert'],
      ] as const) {
        const { code, err, out } = await start(built, ['serve', '--port', '0', ...argv], folder).ended;
        expect([code, out, err]).toEqual([
          2,
          '',
          expect.stringMatching(new RegExp(`^error: config_invalid: .*${said}`)),
        ]);
      }
    });
  }, 60_000);
});

interface Outcome {
  readonly status: number;
  readonly whole: boolean;
  readonly closes: boolean;
  readonly error?: string;
}

function ask(agent: Agent, url: string, key: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: 0, whole: false, closes: true, error: error.message });
    const request = send(url, { agent, headers: { authorization: `Bearer ${key}` } }, (answer) => {
      answer.on('error', failed);
      answer.resume().on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          whole: answer.complete,
          closes: answer.headers.connection === 'close',
        }),
      );
    });
    request.on('error', failed).end();
  });
}

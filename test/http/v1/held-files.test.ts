import { readdirSync, readFileSync, statSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { sender } from '../../support/http.js';
import { describeServedMostly } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN } from '../../support/warden.js';

const NOBODY_WAITS = { wait: () => Promise.resolve() };
// Far more than sockets and streams hold between them.
const MEMORIES = 400;
const CONTENT = 'heron '.repeat(10_000);

/** A download of which the first bytes were read, and no more yet. */
async function stalled(url: string, key: string) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers: { authorization: `Bearer ${key}` } }, resolve)
      .on('error', reject)
      .end();
  });
  let got = 0;
  answer.on('data', (chunk: Buffer) => (got += chunk.length));
  await new Promise((resolve) => answer.once('data', resolve));
  answer.pause();
  const rest = async () => {
    const over = new Promise<void>((resolve) => {
      answer.on('error', () => undefined);
      answer.once('close', resolve);
    });
    answer.resume();
    await over;
    return { got, complete: answer.complete };
  };
  return { length: Number(answer.headers['content-length']), rest };
}

describeServedMostly('the HTTP API: files of exports while they are handed out, and written', (serve) => {
  let served: Served;
  afterEach(() => served.close());
  const exported = async (key: string, order: object): Promise<string> => {
    const send = sender(served.url, key);
    const { body } = await send('POST', '/v1/exports', { body: order });
    let state = body.state;
    while (state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ({ state } = (await send('GET', `/v1/exports/${body.id}`)).body);
    }
    expect(state).toBe('done');
    return `${served.url}/v1/exports/${body.id}/file`;
  };

  test('S4, S22: a download that stalls is cut off where its credential is revoked, and where a user in it is erased', async () => {
    served = await serve([v1], {}, NOBODY_WAITS);
    const { warden } = served;
    const content = { content: CONTENT, level: 'public' } as const;
    await warden.scope(ADMIN, 'alice').addMany(Array.from({ length: MEMORIES }, () => content));
    const key = await served.key({ role: 'export', users: [] });
    const [credential] = await warden.credentials.list(ADMIN);
    const other = await served.key({ role: 'export', users: [] });
    const place = await exported(key, { users: ['alice'] });
    const whole = await stalled(place, key);
    expect(whole.length).toBeGreaterThan(24_000_000);
    expect(await whole.rest()).toEqual({ got: whole.length, complete: true });
    const revoked = await stalled(place, key);
    await warden.credentials.revoke(ADMIN, credential!.id);
    const cut = await revoked.rest();
    expect([cut.complete, cut.got < whole.length / 2]).toEqual([false, true]);
    const erased = await stalled(await exported(other, { users: ['alice'] }), other);
    await warden.keys.erase(ADMIN, 'alice');
    const died = await erased.rest();
    expect([died.complete, died.got < whole.length / 2]).toEqual([false, true]);
    const denied = await warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(denied.map(({ act }) => act)).toContain('authenticate');
  });

  test.each(['ndjson', 'json', 'csv', 'zip'] as const)(
    'S22, G17: of an export as %s nothing lies on disk in clear at any step, so that a process that dies leaves none of it',
    async (format) => {
      const steps: string[] = [];
      const seen = new Set<string>();
      const leaks: string[] = [];
      const look = (folder: string) => {
        for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
          const path = join(entry.parentPath, entry.name);
          if (!entry.isFile() || statSync(path).size === 0) continue;
          seen.add(entry.name);
          const text = readFileSync(path).toString('latin1');
          for (const needle of ['canary', 'aurelia', 'application/json', 'exportId', 'index.html'])
            if (text.includes(needle)) leaks.push(`${entry.name}: ${needle}`);
        }
      };
      const step = (name: string) => {
        const folder = readdirSync(served.folder).find((one) => one.includes('http-exports'));
        if (folder === undefined) return;
        steps.push(name);
        look(join(served.folder, folder));
      };
      served = await serve([v1], {}, { step });
      await served.warden.scope(ADMIN, 'aurelia').add('a canary', { level: 'public' });
      const key = await served.key({ role: 'export', users: [] });
      const place = await exported(key, { users: ['aurelia'], format });
      expect(steps).toEqual(expect.arrayContaining(['parts noted', 'written', 'signed', 'named beside', 'named']));
      // The export itself, how far it is, the users and the manifest were looked at.
      expect(seen.size).toBeGreaterThanOrEqual(4);
      expect(leaks).toEqual([]);
      const file = await fetch(place, { headers: { authorization: `Bearer ${key}` } });
      const text = Buffer.from(await file.arrayBuffer()).toString('latin1');
      expect([file.status, text.includes(format === 'zip' ? 'index.html' : 'canary')]).toEqual([200, true]);
    },
  );
});

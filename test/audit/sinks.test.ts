import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FileSource } from '../../src/audit/files.js';
import { BufferedSink } from '../../src/audit/sinks/buffered.js';
import { FileDelivery } from '../../src/audit/sinks/file.js';
import { HttpDelivery } from '../../src/audit/sinks/http.js';
import { verifyLog } from '../../src/audit/verify.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { AuditMetrics } from '../../src/metrics/audit-metrics.js';
import { outcome } from '../support/warden.js';
import { freshKeys, MemoryStorage, recordNo, writeLog, writerOn } from './support/logs.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Siem {
  readonly url: string;
  readonly bodies: string[];
  readonly keys: string[];
  answer: () => number | 'never';
}

/** A real HTTP server in the place of a SIEM. */
async function siem(): Promise<Siem> {
  const seen: Siem = { url: '', bodies: [], keys: [], answer: () => 200 };
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const status = seen.answer();
      if (status === 'never') return;
      if (status === 200) {
        seen.bodies.push(body);
        seen.keys.push(String(request.headers['idempotency-key']));
      }
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ends.push(() => (server.closeAllConnections(), new Promise((done) => server.close(done))));
  return Object.assign(seen, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

function sinkOn(delivery: HttpDelivery | FileDelivery, required: boolean, maxBufferedBytes = 1 << 20) {
  const parts = { metrics: new AuditMetrics(), alarms: new Alarms(), clock: () => new Date() };
  const sink = new BufferedSink(delivery, { required, maxBufferedBytes }, parts);
  ends.push(() => sink.close());
  return { sink, ...parts };
}

const http = (url: string, timeoutMs = 200) =>
  new HttpDelivery({ url, headers: { authorization: 'Bearer x' }, timeoutMs });

describe('the HTTP sink', () => {
  test('a SIEM gets every line, in order, as JSON lines', async () => {
    const there = await siem();
    const { keys } = freshKeys();
    const storage = new MemoryStorage();
    const { sink } = sinkOn(http(there.url, 5_000), false);
    await writeLog(storage, keys, [1, 5, 2], { sinks: [sink] });
    await sink.close();
    const sent = there.bodies.join('');
    let stored = '';
    for (const stream of await storage.streams())
      for await (const { body } of storage.groups(stream)) stored += body.toString();
    expect(sent.split('\n').sort()).toEqual(stored.split('\n').sort());
    for (const line of sent.trimEnd().split('\n')) expect(typeof JSON.parse(line)).toBe('object');
    expect(there.keys[0]).toBe('registry:1');
  });

  test.each([
    ['refuses', (): 503 => 503],
    ['never answers', (): 'never' => 'never'],
    ['redirects', (): 302 => 302],
  ] as const)(
    'a SIEM that %s holds back nobody; what the buffer cannot hold is dropped, counted and an alarm',
    async (_, answer) => {
      const there = await siem();
      there.answer = answer;
      const { keys } = freshKeys();
      const { sink, metrics, alarms } = sinkOn(http(there.url), false, 10_000);
      const { writer } = writerOn(new MemoryStorage(), keys, { sinks: [sink] });
      for (let n = 0; n < 40; n += 1) await writer.write(recordNo(n));
      expect(alarms.count('audit_sink_dropped')).toBeGreaterThan(10);
      expect(metrics.snapshot().dropped).toBeGreaterThan(20);
      expect(there.bodies).toEqual([]);
    },
  );

  test('G18: where it is required, nothing is released until the SIEM has it, and what was owed comes first', async () => {
    const there = await siem();
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const { sink } = sinkOn(http(there.url, 5_000), true);
    const { writer } = writerOn(storage, keys, { sinks: [sink] });
    await writer.write(recordNo(1));
    there.answer = () => 500;
    for (const n of [2, 3]) expect(await outcome(() => writer.write(recordNo(n)))).toBe('audit_unavailable');
    there.answer = () => 200;
    await writer.write(recordNo(4));
    const numbers = [...there.bodies.join('').matchAll(/"id":"01890000-0000-7000-8000-0*(\d+)"/g)].map(([, n]) => n);
    expect(numbers).toEqual(['1', '2', '4']);
    expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, records: 3 });
  });
});

describe('the file sink', () => {
  test('files are ended at their size, readable by their owner alone, and verify; what follows a fault stands after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-sink-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const { keys, keyOf } = freshKeys();
    const { sink } = sinkOn(new FileDelivery({ path: folder, maxBytes: 4_000, synced: true }), true);
    const storage = new MemoryStorage();
    await writeLog(storage, keys, [1, 3, 2, 4, 1, 1], { sinks: [sink] });
    await writeLog(storage, keys, [2, 2], { sinks: [sink] });
    await sink.close();
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
      expect(readFileSync(join(folder, name), 'utf8').endsWith('\n')).toBe(true);
    }
    expect(await verifyLog(new FileSource(folder), keyOf)).toMatchObject({ ok: true, records: 16, streams: 2 });
  });
});

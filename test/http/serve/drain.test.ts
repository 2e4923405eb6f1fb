import { Agent, request as send } from 'node:http';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import type { DoorPlugin } from '../../../src/http/door.js';
import { startedServer } from './running.js';
import { answersIn, hear, open } from './socket.js';

/** A door whose answers wait until they are let go. */
function held(): { door: DoorPlugin; entered: Promise<void>; letGo: () => void } {
  let letGo: () => void = () => undefined;
  let enter: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const door: DoorPlugin = (app) => {
    app.get('/held', async () => {
      enter();
      await gate;
      return { held: true };
    });
    app.get('/now', () => ({ now: true }));
    app.get('/busy', () => {
      const end = performance.now() + 2;
      while (performance.now() < end);
      return { busy: true };
    });
    app.get('/never', () => new Promise(() => undefined));
    app.post('/body', (request) => ({ body: request.body }));
  };
  return { door, entered, letGo };
}
const at = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url));
const TLS = { 'tls.cert': at('worthless.crt'), 'tls.key': at('worthless.key') };
const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

// Clients who ask again, on a new connection, as soon as they are answered; in a thread of their own.
const CLIENTS = `
const { connect } = require('node:net');
const { parentPort, workerData: { port, count, path = '/busy' } } = require('node:worker_threads');
const told = { answered: 0, unanswered: 0, refused: 0 };
let running = count;
function ask() {
  let text = '';
  let sent = false;
  let refused = false;
  const socket = connect({ port, host: '127.0.0.1' }, () => {
    sent = true;
    socket.write('GET ' + path + ' HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n');
  });
  socket.on('data', (part) => (text += part));
  socket.on('error', ({ code }) => (refused = code === 'ECONNREFUSED'));
  socket.on('close', () => {
    if (text.startsWith('HTTP/1.1 200')) told.answered += 1;
    else if (sent) told.unanswered += 1;
    if (!refused) return ask();
    told.refused += 1;
    running -= 1;
    if (running === 0) parentPort.postMessage(told);
  });
}
for (let i = 0; i < count; i += 1) ask();
parentPort.postMessage('ready');
`;

describe('The end of a server', () => {
  test('a request that runs gets its answer, and its connection is told that it closes', async () => {
    const { door, entered, letGo } = held();
    const server = await startedServer([door], { 'shutdown.drainMs': 50 });
    const socket = await open(server.url);
    const heard = hear(socket);
    socket.write(get('/held'));
    await entered;
    const stopped = server.stop();
    await new Promise((done) => setTimeout(done, 150));
    letGo();
    const [answer, ...more] = answersIn((await heard).text);
    expect(more).toEqual([]);
    expect([answer?.status, answer?.headers.get('connection'), answer?.body]).toEqual([200, 'close', '{"held":true}']);
    expect(await stopped).toBe(true);
    await server.end();
  });

  test('bytes that came before the end are answered, on idle and on new connections; afterwards nobody listens', async () => {
    const server = await startedServer([held().door]);
    const [idle, fresh] = await Promise.all([open(server.url), open(server.url)]);
    const heard = [hear(idle), hear(fresh)];
    idle.write(get('/now'));
    await new Promise((done) => idle.once('data', done));
    idle.write(get('/now'));
    fresh.write(get('/now'));
    await server.stop();
    for (const one of heard) {
      const answers = answersIn((await one).text);
      expect(answers.map(({ status }) => status)).toEqual(answers.length === 2 ? [200, 200] : [200]);
      expect(answers.at(-1)?.headers.get('connection')).toBe('close');
    }
    expect(answersIn((await (heard[0] as (typeof heard)[number])).text)).toHaveLength(2);
    await expect(open(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.end();
  });

  test('G30: under load every request is answered whose bytes a connection took; then connections are refused', async () => {
    const server = await startedServer([held().door], { 'shutdown.drainMs': 300 });
    const { port } = new URL(server.url);
    const clients = new Worker(CLIENTS, { eval: true, workerData: { port: Number(port), count: 100 } });
    await once(clients, 'message');
    await new Promise((done) => setTimeout(done, 300));
    const told = once(clients, 'message') as Promise<{ answered: number; unanswered: number; refused: number }[]>;
    expect(await server.stop()).toBe(true);
    const [{ answered, unanswered, refused } = { answered: 0, unanswered: NaN, refused: 0 }] = await told;
    expect([unanswered, refused]).toEqual([0, 100]);
    expect(answered).toBeGreaterThan(100);
    await server.end();
  });

  test.each([
    ['', {}],
    [', nor one whose handshake never ends', TLS],
  ])('a connection on which nothing ever came holds nobody up%s', async (_, tls) => {
    const server = await startedServer([held().door], { 'shutdown.drainMs': 10, ...tls });
    const silent = await open(server.url);
    silent.on('error', () => undefined);
    const closed = once(silent, 'close');
    expect(await server.stop()).toBe(true);
    await closed;
    await server.end();
  });

  test('a body that is still on its way when the end comes is read and answered', async () => {
    const server = await startedServer([held().door], { 'shutdown.drainMs': 10 });
    const socket = await open(server.url);
    const heard = hear(socket);
    socket.write('POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a"');
    await new Promise((done) => setTimeout(done, 200));
    const stopped = server.stop();
    await new Promise((done) => setTimeout(done, 200));
    socket.write(':1}');
    expect(answersIn((await heard).text)).toMatchObject([{ status: 200, body: '{"body":{"a":1}}' }]);
    expect(await stopped).toBe(true);
    await server.end();
  });

  test('what takes longer than its time is cut off, and the end says so', async () => {
    const { door, entered, letGo } = held();
    const server = await startedServer([door], { 'shutdown.drainMs': 0, 'shutdown.limitMs': 100 });
    const socket = await open(server.url);
    const heard = hear(socket);
    socket.write(get('/held'));
    await entered;
    expect(await server.stop()).toBe(false);
    expect((await heard).text).toBe('');
    letGo();
    await server.end();
  });

  test('also the connections that were taken after the time was over are cut off', async () => {
    const { door } = held();
    const server = await startedServer([door], { 'shutdown.drainMs': 0, 'shutdown.limitMs': 1 });
    const { port } = new URL(server.url);
    const clients = new Worker(CLIENTS, { eval: true, workerData: { port: Number(port), count: 50, path: '/never' } });
    await once(clients, 'message');
    await new Promise((done) => setTimeout(done, 300));
    expect(await server.stop()).toBe(false);
    await clients.terminate();
    await server.end();
  });

  test('/readyz is red from the first moment on, while requests are still taken', async () => {
    const { door, entered, letGo } = held();
    const server = await startedServer([door], { 'shutdown.drainMs': 2_000 });
    const agent = new Agent({ keepAlive: false });
    const status = (path: string) =>
      new Promise<number>((resolve, reject) =>
        send(`${server.url}${path}`, { agent }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
        })
          .on('error', reject)
          .end(),
      );
    expect(await status('/readyz')).toBe(200);
    const running = status('/held');
    await entered;
    const stopped = server.stop();
    expect([await status('/readyz'), await status('/healthz'), await status('/now')]).toEqual([503, 200, 200]);
    letGo();
    expect(await running).toBe(200);
    expect(await stopped).toBe(true);
    await server.end();
  });
});

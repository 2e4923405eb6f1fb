import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitsSchema } from '../../../src/config/serve/limits.js';
import type { DoorPlugin } from '../../../src/http/door.js';
import { buildServer } from '../../../src/http/server.js';
import { authenticating } from '../../../src/identity/authenticate.js';
import { servicesOf } from '../../../src/internals.js';
import { serve, type Served } from '../../support/server.js';
import { hear, open } from './socket.js';

// Far more than the sockets hold.
const LONG = 24 << 20;
const TIMEOUT_MS = 1_000;

const long: DoorPlugin = (app) => {
  app.get('/long', () => 'x'.repeat(LONG));
  app.get('/chunks', (_request, reply) => {
    const chunks = Array.from({ length: 120 }, () => Buffer.alloc(LONG / 120, 'x'));
    return reply.send(Readable.from(chunks, { objectMode: false, highWaterMark: 1 }));
  });
  app.get('/slow', async () => {
    await sleep(2 * TIMEOUT_MS);
    return 'at last';
  });
};

describe('Answers that nobody reads', () => {
  let served: Served;
  let app: Awaited<ReturnType<typeof buildServer>>;
  let url: string;
  beforeAll(async () => {
    served = await serve([]);
    const services = servicesOf(served.warden);
    const parts = { warden: served.warden, services, authenticate: authenticating(services.apiKeys) };
    app = await buildServer(parts, [long], { limits: limitsSchema.parse({ answerTimeoutMs: TIMEOUT_MS }) });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await app.close();
    await served.close();
  });
  const count = () =>
    new Promise<number>((resolve, reject) =>
      app.server.getConnections((error, found) => (error ? reject(error) : resolve(found))),
    );
  const ask = (paths: readonly string[]) => paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');

  test.each(['/long', '/chunks'])(
    'S24: the connection of one at %s is reset, and what it held is let go',
    async (path) => {
      const socket = await open(url);
      socket.pause();
      socket.write(ask([path]));
      const heard = hear(socket);
      socket.pause();
      for (let tried = 0; (await count()) === 0; tried += 1) await sleep(5);
      while ((await count()) > 0) await sleep(20);
      socket.resume();
      const { text } = await heard;
      expect(text.length).toBeLessThan(LONG);
    },
  );

  test('one that is read, however late its handler answers, and those that wait behind it, come whole', async () => {
    const socket = await open(url);
    const heard = hear(socket);
    socket.write(ask(['/slow', '/long']).replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n'));
    const { text, error } = await heard;
    expect(error).toBeUndefined();
    expect([text.includes('at last'), text.length > LONG]).toEqual([true, true]);
  });

  test('a chunk that is taken in time begins the time of the next', async () => {
    const socket = await open(url);
    let got = 0;
    socket.write(ask(['/chunks']).replace(/\r\n\r\n$/, '\r\nConnection: close\r\n\r\n'));
    const over = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    // Some of it every half of the time, so that all of it takes longer than that.
    socket.on('data', (chunk: Buffer) => {
      const before = Math.floor(got / (6 << 20));
      got += chunk.length;
      if (Math.floor(got / (6 << 20)) === before) return;
      socket.pause();
      setTimeout(() => socket.resume(), TIMEOUT_MS / 2);
    });
    await over;
    expect(got).toBeGreaterThan(LONG);
  });
});

import { Agent, request as send } from 'node:http';
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
    app.post('/body', (request) => ({ body: request.body }));
  };
  return { door, entered, letGo };
}
const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

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

import { afterEach, expect, test } from '@jest/globals';
import { request as open } from 'node:http';
import { v1 } from '../../../src/http/v1/index.js';
import { sender } from '../../support/http.js';
import { describeServedMostly } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN, handClock } from '../../support/warden.js';

const NDJSON = { accept: 'application/x-ndjson' };
const MEMORIES = '/v1/users/alice/memories';

describeServedMostly('the HTTP API: streams', (serve) => {
  let served: Served;
  afterEach(() => served.close());
  const fill = async (count: number, content = 'x') => {
    const memory = served.warden.scope(ADMIN, 'alice');
    for (let at = 0; at < count; at += 500) {
      const some = Array.from({ length: Math.min(500, count - at) }, (_, n) => ({ content: `${content} ${at + n}` }));
      await memory.addMany(some);
    }
  };

  test('a list is streamed whole, a memory a line, in the order of its pages', async () => {
    served = await serve([v1]);
    await fill(250);
    const agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const all = await agent('GET', MEMORIES, { headers: NDJSON });
    expect([all.status, all.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const lines = all.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const paged = await agent('GET', `${MEMORIES}?limit=1000`);
    expect(lines).toEqual(paged.body.memories);
    const some = await agent('POST', `${MEMORIES}/query`, { headers: NDJSON, body: { keyword: 'x 24', limit: 3 } });
    expect(some.text.trimEnd().split('\n')).toHaveLength(11);
    const none = await agent('GET', `${MEMORIES}?category=none`, { headers: NDJSON });
    expect([none.status, none.text]).toEqual([200, '']);
  });

  test('an error before the first line is an answer like any other; a later one is the last line', async () => {
    const clock = handClock();
    served = await serve([v1], { clock });
    await fill(300);
    const agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const forbidden = await agent('GET', '/v1/users/bob/memories', { headers: NDJSON });
    expect([forbidden.status, forbidden.body.code]).toEqual([403, 'forbidden']);
    const wrong = await agent('GET', `${MEMORIES}?cursor=x`, { headers: NDJSON });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'invalid_cursor']);
    // The cursor of the first page grows old before the second is read.
    const { warden } = served;
    let pages = 0;
    const scope = warden.scope.bind(warden);
    warden.scope = ((...args: Parameters<typeof scope>) => {
      const memory = scope(...args);
      return {
        list: async (options: never) => {
          if ((pages += 1) === 2) clock.forward(25 * 3_600_000);
          return memory.list(options);
        },
      };
    }) as unknown as typeof warden.scope;
    const late = await agent('GET', MEMORIES, { headers: NDJSON });
    const lines = late.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([late.status, lines.length]).toEqual([200, 101]);
    expect(lines.at(-1)).toMatchObject({ error: { code: 'invalid_cursor', status: 400 } });
  });

  test('a key that is revoked while a stream is open reads no further page, and that is on record', async () => {
    served = await serve([v1]);
    await fill(300);
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const { warden } = served;
    const [listed] = await warden.credentials.list(ADMIN);
    let pages = 0;
    const scope = warden.scope.bind(warden);
    warden.scope = ((...args: Parameters<typeof scope>) => {
      const memory = scope(...args);
      const list = async (options: never) => {
        const page = await memory.list(options);
        if ((pages += 1) === 2) await warden.credentials.revoke(ADMIN, listed!.id);
        return page;
      };
      return { list };
    }) as unknown as typeof warden.scope;
    const cut = await sender(served.url, key)('GET', MEMORIES, { headers: NDJSON });
    const lines = cut.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([cut.status, lines.length, pages]).toEqual([200, 201, 2]);
    expect(lines.at(-1)).toMatchObject({ error: { code: 'unauthenticated', status: 401 } });
    const denied = await warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(denied.map(({ act, door }) => [act, door])).toEqual([['authenticate', 'http']]);
  });

  test('S24: what nobody takes is not read: pages follow the reader, and one that goes away ends the stream', async () => {
    served = await serve([v1]);
    await fill(1_000, 'y'.repeat(20_000));
    const key = await served.key({ role: 'agent', users: ['alice'] });
    const { warden } = served;
    let read = 0;
    const scope = warden.scope.bind(warden);
    warden.scope = ((...args: Parameters<typeof scope>) => {
      const memory = scope(...args);
      return { list: (options: never) => ((read += 1), memory.list(options)) };
    }) as unknown as typeof warden.scope;
    await new Promise<void>((resolve, reject) => {
      const asked = open(`${served.url}${MEMORIES}`, { headers: { ...NDJSON, authorization: `Bearer ${key}` } });
      asked.on('response', (answer) => {
        answer.once('readable', () => {
          // One chunk is taken and no more. What the sockets hold between them is less than half of the 20 MB.
          answer.read(1_000);
          setTimeout(() => {
            const before = read;
            answer.destroy();
            setTimeout(() => {
              try {
                expect(before).toBeLessThan(8);
                expect(read).toBeLessThanOrEqual(before + 1);
                resolve();
              } catch (error) {
                reject(error as Error);
              }
            }, 300);
          }, 1_000);
        });
      });
      asked.on('error', () => undefined);
      asked.end();
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_ITEMS, MAX_KEYS, valuesIn } from '../../src/http/json-flaw.js';
import { v1 } from '../../src/http/v1/index.js';
import { BATCH_BYTES } from '../../src/http/v1/together.js';
import { mcp } from '../../src/mcp/http.js';
import { MAX_BATCH_VALUES } from '../../src/memory/limits.js';
import { mem0 } from '../../src/mem0/index.js';
import { serve, type Served } from '../support/server.js';

const MIB = 1 << 20;
const MEMORIES = '/v1/users/alice/memories';

const keys = (count: number) => Array.from({ length: count }, (_, i) => `"k${i}":1`).join();
const ones = (count: number) => Array<number>(count).fill(1).join();
// As many values as are said, in lists that are as long as they may be.
const lists = (values: number) => {
  const parts: string[] = [];
  for (let left = values; left > 0; left -= MAX_ITEMS) parts.push(`[${ones(Math.min(left, MAX_ITEMS))}]`);
  return parts.join();
};

interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly about: unknown;
}

describe('how much a body may hold, at every door', () => {
  let served: Served;
  let key: string;
  beforeAll(async () => {
    served = await serve([v1, mem0, mcp], { classify: false });
    key = await served.key({ role: 'agent', users: ['alice'] });
  });
  afterAll(() => served.close());

  async function post(path: string, body: string, method = 'POST'): Promise<Answer> {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const answer = await fetch(`${served.url}${path}`, { method, headers, body });
    const said = (await answer.json()) as Record<string, unknown>;
    return { status: answer.status, code: said['code'], about: said['about'] };
  }
  const called = (args: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_add","arguments":{${args}}}}`;
  const PLACES: readonly (readonly [string, (more: string) => string])[] = [
    [MEMORIES, (more) => `{"content":"x",${more}}`],
    ['/v1/users/alice/explain', (more) => `{"record":{${more}}}`],
    ['/v3/memories/add/', (more) => `{"messages":"x","user_id":"alice",${more}}`],
    ['/mcp', called],
  ];
  const tooLarge = (limit: number, of: string) => ({ status: 413, code: 'body_too_large', about: { limit, of } });

  test.each(PLACES)('the keys of one object are counted before they are checked: %s', async (path, body) => {
    const refused = tooLarge(MAX_KEYS, 'keys of one object');
    expect(await post(path, body(keys(MAX_KEYS + 1)))).toEqual(refused);
    expect(await post(path, body(`"metadata":{${keys(MAX_KEYS + 1)}}`))).toEqual(refused);
    expect(await post(path, body(`"metadata":{${keys(MAX_KEYS)}}`))).not.toMatchObject({ code: 'body_too_large' });
  });

  test.each(PLACES)('the items of one array are counted before they are checked: %s', async (path, body) => {
    expect(await post(path, body(`"list":[${ones(MAX_ITEMS + 1)}]`))).toEqual(
      tooLarge(MAX_ITEMS, 'items of one array'),
    );
    expect(await post(path, body(`"list":[${ones(MAX_ITEMS)}]`))).not.toMatchObject({ code: 'body_too_large' });
  });

  test.each(PLACES)('the values of a body are counted before they are checked: %s', async (path, body) => {
    const most = valuesIn(MIB);
    expect(await post(path, body(`"list":[${lists(most)}]`))).toEqual(tooLarge(most, 'values'));
    expect(await post(path, body(`"list":[${'[],'.repeat(8_000)}${lists(most - 30_000)}]`))).not.toMatchObject({
      code: 'body_too_large',
    });
  });

  test('a batch may have more bytes, and more values by them', async () => {
    const most = valuesIn(BATCH_BYTES);
    expect(most).toBeGreaterThan(valuesIn(MIB));
    const memories = (values: number) => `{"memories":[${lists(values)}]}`;
    expect(await post(`${MEMORIES}/batch`, memories(most))).toEqual(tooLarge(most, 'values'));
    expect(await post(`${MEMORIES}/batch`, memories(valuesIn(MIB)))).toMatchObject({ code: 'invalid_argument' });
  });

  test.each([
    [MEMORIES, 'messages', 'POST'],
    [`${MEMORIES}/batch`, 'memories', 'POST'],
    ['/v1/spaces/none/memories', 'messages', 'POST'],
    ['/v1/spaces/none/memories/batch', 'memories', 'POST'],
    ['/v1/batch/', 'memories', 'PUT'],
    ['/v3/memories/add/', 'messages', 'POST'],
  ])('the length of a batch is looked at before its items are: %s', async (path, name, method) => {
    const who = path.startsWith('/v3') ? '"user_id":"alice",' : '';
    // Each of them is wrong, which is what would be said of the first.
    expect(await post(path, `{${who}"${name}":[${ones(1_001)}]}`, method)).toMatchObject({ code: 'batch_too_large' });
    expect(await post(path, `{${who}"${name}":[${ones(1_000)}]}`, method)).toMatchObject({ code: 'invalid_argument' });
  });

  test('a body that is too long says how many bytes are taken', async () => {
    expect(await post(MEMORIES, `{"content":"${'x'.repeat(MIB)}"}`)).toEqual(tooLarge(MIB, 'bytes'));
  });

  test('a batch of 1,000 memories with metadata of nearly the allowed size is taken', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`field ${i}`, 'v'.repeat(240)]));
    const memories = Array.from({ length: 1_000 }, (_, i) => ({ content: `n ${i}`, level: 'private', metadata }));
    expect(JSON.stringify(metadata).length).toBeGreaterThan(15_000);
    expect((await post(`${MEMORIES}/batch`, JSON.stringify({ memories }))).status).toBe(201);
  });

  test('metadata that messages have in common count for each of them', async () => {
    const body = (messages: number) =>
      `{"messages":[${Array(messages).fill('{"role":"user","content":"x"}').join()}],"metadata":{${keys(1_001)}}`;
    const refused = { code: 'batch_too_large', about: { limit: MAX_BATCH_VALUES, of: 'values of metadata' } };
    expect(await post(MEMORIES, `${body(100)}}`)).toMatchObject(refused);
    expect(await post('/v3/memories/add/', `${body(100)},"user_id":"alice"}`)).toMatchObject(refused);
    expect((await post(MEMORIES, `${body(50)}}`)).status).toBe(201);
  });
});

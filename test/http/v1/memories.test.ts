import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { checkedDoor, sender, type Send } from '../../support/http.js';
import { describeServed } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';

const MEMORIES = '/v1/users/alice/memories';
const ABSENT = '01890000-0000-7000-8000-000000000000';

describeServed('the HTTP API: memories', (serve) => {
  const { door, faults } = checkedDoor(v1);
  let served: Served;
  let agent: Send;
  let admin: Send;
  let exporter: Send;
  beforeAll(async () => {
    served = await serve([door]);
    agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    admin = sender(served.url, await served.key({ role: 'admin', users: 'any' }));
    exporter = sender(served.url, await served.key({ role: 'export', users: [] }));
  });
  afterAll(async () => {
    await served.close();
    // Every answer of this file fitted its description.
    expect(faults).toEqual([]);
  });
  const added = async (memory: object, user = 'alice') =>
    (await admin('POST', `/v1/users/${user}/memories`, { body: memory })).body as { id: string };

  test('a memory that is added is there, with its place and its ETag, until it is deleted', async () => {
    const made = await agent('POST', MEMORIES, { body: { content: 'Alice is vegetarian.', category: 'food' } });
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
    const place = made.headers.get('location') as string;
    expect(place).toBe(`${MEMORIES}/${made.body.id}`);
    const found = await agent('GET', place);
    expect([found.status, found.body]).toEqual([200, made.body]);
    const changed = await agent('PATCH', place, { body: { content: 'Alice is vegan.' } });
    expect([changed.status, changed.headers.get('etag'), changed.body.content]).toEqual([
      200,
      '"2"',
      'Alice is vegan.',
    ]);
    const history = await agent('GET', `${place}/history`);
    expect(history.body.history.map(({ event }: { event: string }) => event)).toEqual(['create', 'update']);
    expect((await agent('DELETE', place)).status).toBe(204);
    for (const [method, sending] of [
      ['GET', {}],
      ['PATCH', { body: { content: 'x' } }],
      ['DELETE', {}],
    ] as const) {
      const { status, body, headers } = await agent(method, place, sending);
      expect([status, body.code, headers.get('content-type')]).toEqual([
        404,
        'not_found',
        'application/problem+json; charset=utf-8',
      ]);
    }
  });

  test('what its author may not read back is answered with id, owner and level alone, and without an ETag', async () => {
    const made = await agent('POST', MEMORIES, { body: { content: 'Alice takes insulin.', level: 'sensitive' } });
    expect([made.status, Object.keys(made.body).sort(), made.headers.get('etag')]).toEqual([
      201,
      ['id', 'level', 'userId'],
      null,
    ]);
    expect((await agent('GET', `${MEMORIES}/${made.body.id}`)).status).toBe(404);
  });

  test('the messages of a chat are one memory each; a batch is stored whole or not at all', async () => {
    const chat = await agent('POST', MEMORIES, {
      body: {
        messages: [
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hi' },
        ],
        category: 'chat',
      },
    });
    expect([chat.status, chat.body.memories.map((one: { speaker: string }) => one.speaker)]).toEqual([
      201,
      ['user', 'assistant'],
    ]);
    const batch = await agent('POST', `${MEMORIES}/batch`, {
      body: { memories: [{ content: 'one' }, { content: 'two' }] },
    });
    expect([batch.status, batch.body.memories.length]).toEqual([201, 2]);
    const before = await agent('GET', `${MEMORIES}/count`);
    const bad = await agent('POST', `${MEMORIES}/batch`, {
      body: { memories: [{ content: 'three' }, { content: 'x'.repeat(70_000) }] },
    });
    expect([bad.status, bad.body.code]).toEqual([413, 'content_too_large']);
    const many = await agent('POST', `${MEMORIES}/batch`, { body: { memories: Array(1_001).fill({ content: 'x' }) } });
    expect([many.status, many.body.code]).toEqual([413, 'batch_too_large']);
    expect((await agent('GET', `${MEMORIES}/count`)).body).toEqual(before.body);
  });

  test('a list has pages, filters in its query or in its body, and counts', async () => {
    for (let n = 0; n < 5; n += 1)
      await added({ content: `page ${n}`, category: 'paged', level: n % 2 ? 'public' : 'private' }, 'paula');
    const paula = sender(served.url, await served.key({ role: 'agent', users: ['paula'] }));
    const place = '/v1/users/paula/memories';
    const first = await paula('GET', `${place}?limit=2&category=paged`);
    const rest = await paula('GET', `${place}?category=paged&limit=1000&cursor=${first.body.cursor}`);
    const contents = [...first.body.memories, ...rest.body.memories].map((one) => one.content);
    expect(contents).toEqual(['page 4', 'page 3', 'page 2', 'page 1', 'page 0']);
    expect(rest.body.cursor).toBeUndefined();
    const levels = await paula('GET', `${place}?level=public&level=private&keyword=PAGE`);
    expect(levels.body.memories).toHaveLength(5);
    // As long as mem0's may be, and no longer.
    expect((await paula('GET', `${place}?keyword=${'x'.repeat(256)}`)).status).toBe(200);
    expect((await paula('GET', `${place}?keyword=${'x'.repeat(257)}`)).body.code).toBe('invalid_argument');
    const queried = await paula('POST', `${place}/query`, { body: { level: ['public'], limit: 1 } });
    expect(queried.body.memories.map((one: { content: string }) => one.content)).toEqual(['page 3']);
    expect((await paula('GET', `${place}/count?level=public`)).body).toEqual({ count: 2 });
    // A cursor serves no other filter.
    const moved = await paula('GET', `${place}?cursor=${first.body.cursor}`);
    expect([moved.status, moved.body.code]).toEqual([400, 'invalid_cursor']);
  });

  test('what is deleted together is named, or everything is said to be meant', async () => {
    for (const category of ['old', 'old', 'new']) await added({ content: category, category }, 'dora');
    const place = '/v1/users/dora/memories';
    const dora = sender(served.url, await served.key({ role: 'agent', users: ['dora'] }));
    expect((await dora('DELETE', place)).body.code).toBe('empty_filter');
    expect((await dora('DELETE', `${place}?all=true&category=old`)).status).toBe(400);
    // A body on a delete is a filter that somebody meant.
    expect((await dora('DELETE', place, { body: { category: 'old' } })).body.code).toBe('request_malformed');
    expect((await dora('DELETE', `${place}?all=true`, { body: {} })).body.code).toBe('request_malformed');
    expect((await dora('DELETE', `${place}?category=old`)).body).toEqual({ deleted: 2 });
    expect((await dora('DELETE', `${place}?all=true`)).body).toEqual({ deleted: 1 });
    expect((await dora('GET', `${place}/count`)).body).toEqual({ count: 0 });
  });

  test('a search finds, a context quotes, an explanation names the rule', async () => {
    const { id } = await added({ content: 'Sara plays the violin on Sundays.' }, 'sara');
    const sara = sender(served.url, await served.key({ role: 'agent', users: ['sara'] }));
    const hits = await sara('POST', '/v1/users/sara/memories/search', { body: { query: 'violin', explain: true } });
    expect([hits.status, hits.body.hits[0].memory.id, hits.body.hits[0].matched]).toEqual([200, id, ['violin']]);
    const context = await sara('POST', '/v1/users/sara/context', { body: { query: 'violin', budgetTokens: 500 } });
    expect(context.body.text).toContain('> Sara plays the violin');
    const why = await sara('POST', '/v1/users/sara/explain', { body: { id } });
    expect(why.body).toMatchObject({ allowed: true, rule: { id: 'agent-own-memories' } });
    const record = { record: { user_id: 'sara', sensitivity: 'sensitive' }, action: 'read' };
    expect((await admin('POST', '/v1/users/sara/explain', { body: record })).status).toBe(200);
    for (const body of [{}, { id, ...record }, { id, action: 'erase' }])
      expect((await sara('POST', '/v1/users/sara/explain', { body })).body.code).toBe('invalid_argument');
    const semantic = await sara('POST', '/v1/users/sara/memories/search', { body: { query: 'x', mode: 'semantic' } });
    expect([semantic.status, semantic.body.code]).toEqual([400, 'embedder_missing']);
  });

  test('requests that are malformed are told which place is wrong, and nothing of what stands there', async () => {
    const secret = 'canary-4711';
    const cases: [string, string, unknown, string][] = [
      ['POST', MEMORIES, { content: 'x', [secret]: 1 }, 'body'],
      ['POST', MEMORIES, { content: 'x', level: secret }, 'body'],
      ['POST', MEMORIES, { content: 1 }, 'body'],
      ['POST', `${MEMORIES}/batch`, { memories: [{ content: 'x', level: secret }] }, 'body.memories.0.level'],
      ['PATCH', `${MEMORIES}/${ABSENT}`, { expiresAt: secret }, 'changes.expiresAt'],
      ['PATCH', `${MEMORIES}/${ABSENT}`, {}, 'changes'],
      ['PATCH', `${MEMORIES}/${ABSENT}`, { userId: 'bob' }, 'body'],
      [
        'POST',
        `${MEMORIES}/search`,
        { query: 'x', filter: { metadata: { [secret]: { $ne: 1 } } } },
        'body.filter.metadata',
      ],
      ['GET', `${MEMORIES}?limit=0`, undefined, 'querystring.limit'],
      ['GET', `${MEMORIES}?limit=${secret}`, undefined, 'querystring.limit'],
      ['GET', `${MEMORIES}?${secret}=1`, undefined, 'querystring'],
      ['GET', `${MEMORIES}?from=${secret}`, undefined, 'options.from'],
      ['GET', `${MEMORIES}/count?limit=3`, undefined, 'querystring'],
    ];
    for (const [method, path, body, argument] of cases) {
      const { status, body: problem, text } = await agent(method, path, { body });
      expect([path, status, problem.code, problem.about?.argument]).toEqual([path, 400, 'invalid_argument', argument]);
      expect(text).not.toContain(secret);
    }
    const malformed: [string | undefined, Record<string, string>, number, string][] = [
      ['{"content": "x"', {}, 400, 'request_malformed'],
      ['', { 'content-type': 'application/json' }, 400, 'invalid_argument'],
      ['{"content":"x","__proto__":{"level":"public"}}', {}, 400, 'request_malformed'],
      ['{"content":"x","metadata":{"constructor":{"prototype":{}}}}', {}, 400, 'request_malformed'],
      ['content=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
      ['x', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ];
    for (const [body, headers, status, code] of malformed) {
      const answer = await agent('POST', MEMORIES, { body, headers });
      expect([body, answer.status, answer.body.code]).toEqual([body, status, code]);
    }
  });

  test('a credential is asked for before anything else, and the user of the path is checked against it', async () => {
    const nobody = sender(served.url);
    expect((await nobody('POST', MEMORIES, { body: { nonsense: true } })).body.code).toBe('unauthenticated');
    for (const path of ['/v1/users/bob/memories', `/v1/users/bob/memories/${ABSENT}`, '/v1/users/alic/memories'])
      expect((await agent('GET', path)).body.code).toBe('forbidden');
    expect((await exporter('POST', MEMORIES, { body: { content: 'x' } })).body.code).toBe('forbidden');
    expect((await agent('GET', '/v1/users/%00/memories')).body.code).toBe('invalid_owner');
  });
});

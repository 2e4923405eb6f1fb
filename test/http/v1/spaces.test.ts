import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { bytesOf, checkedDoor, sender, type Answered, type Send } from '../../support/http.js';
import { serve, type Served } from '../../support/server.js';

const ABSENT = '01890000-0000-7000-8000-000000000000';
const TEAM = '/v1/spaces/team';
const MEMORIES = `${TEAM}/memories`;

describe('the HTTP API: shared spaces', () => {
  const { door, faults } = checkedDoor(v1);
  let served: Served;
  let admin: Send;
  let alice: Send;
  let bob: Send;
  let mallory: Send;
  let shared: string;
  beforeAll(async () => {
    served = await serve([door], {}, { wait: () => Promise.resolve() });
    const keyOf = async (role: string, users: string[] | 'any') =>
      sender(served.url, await served.key({ role, users }));
    [admin, alice, bob, mallory] = [
      await keyOf('admin', 'any'),
      await keyOf('agent', ['alice']),
      await keyOf('agent', ['bob']),
      await keyOf('agent', ['mallory']),
    ];
    const members = [
      { user: 'alice', access: 'write' },
      { user: 'bob', access: 'read' },
    ];
    for (const id of ['team', 'gone'])
      expect((await admin('POST', '/v1/spaces', { body: { id, onErase: 'remove', members } })).status).toBe(201);
    await admin('POST', '/v1/spaces', { body: { id: 'of others', onErase: 'keep' } });
    shared = (await alice('POST', MEMORIES, { body: { content: 'The door code changed.' } })).body.id as string;
  });
  afterAll(async () => {
    await served.close();
    // Every answer of this file fitted its description.
    expect(faults).toEqual([]);
  });

  test('a member writes, another reads, and nobody else finds anything', async () => {
    const made = await alice('POST', MEMORIES, { body: { content: 'The harbour opens at six.', level: 'public' } });
    expect([made.status, made.headers.get('etag'), made.body.space]).toEqual([201, '"1"', 'team']);
    const place = made.headers.get('location') as string;
    expect((await bob('GET', place)).body).toEqual(made.body);
    expect(JSON.stringify(made.body)).not.toMatch(/alice|userId|author/);
    const changed = await alice('PATCH', place, {
      body: { content: 'The harbour opens at seven.' },
      headers: { 'if-match': '"1"' },
    });
    expect([changed.status, changed.body.version]).toEqual([200, 2]);
    const history = await bob('GET', `${place}/history`);
    expect(history.body.history.map(({ event }: { event: string }) => event)).toEqual(['create', 'update']);
    const found = await bob('POST', `${MEMORIES}/search`, { body: { query: 'harbour' } });
    expect(found.body.hits.map(({ memory }: { memory: { id: string } }) => memory.id)).toEqual([made.body.id]);
    expect((await bob('GET', `${MEMORIES}/count`)).body).toEqual({ count: 2 });
    expect((await bob('GET', `${MEMORIES}?limit=1`)).body.memories).toHaveLength(1);
    expect((await bob('POST', `${TEAM}/explain`, { body: { id: shared, action: 'update' } })).body).toMatchObject({
      allowed: false,
      refusedBy: 'access_list',
    });
    expect((await alice('DELETE', place)).status).toBe(204);
    expect((await bob('GET', place)).status).toBe(404);
  });

  // Ways to ask for something that is not there for who asks, each for another reason.
  const ROUTES: readonly [string, (ask: Send, space: string, id: string) => Promise<Answered>][] = [
    ['get', (ask, space, id) => ask('GET', `/v1/spaces/${space}/memories/${id}`)],
    ['list', (ask, space) => ask('GET', `/v1/spaces/${space}/memories`)],
    ['count', (ask, space) => ask('GET', `/v1/spaces/${space}/memories/count`)],
    ['search', (ask, space) => ask('POST', `/v1/spaces/${space}/memories/search`, { body: { query: 'door' } })],
    ['add', (ask, space) => ask('POST', `/v1/spaces/${space}/memories`, { body: { content: 'x' } })],
    [
      'add with a key',
      (ask, space) =>
        ask('POST', `/v1/spaces/${space}/memories`, { body: { content: 'x' }, headers: { 'idempotency-key': 'k' } }),
    ],
    [
      'list by body',
      (ask, space) => ask('POST', `/v1/spaces/${space}/memories/query`, { body: { category: 'general' } }),
    ],
    [
      'list as a stream',
      (ask, space) => ask('GET', `/v1/spaces/${space}/memories`, { headers: { accept: 'application/x-ndjson' } }),
    ],
    [
      'add several',
      (ask, space) => ask('POST', `/v1/spaces/${space}/memories/batch`, { body: { memories: [{ content: 'x' }] } }),
    ],
    ['delete many', (ask, space) => ask('DELETE', `/v1/spaces/${space}/memories?category=none`)],
    ['update', (ask, space, id) => ask('PATCH', `/v1/spaces/${space}/memories/${id}`, { body: { content: 'x' } })],
    [
      'update under a version',
      (ask, space, id) =>
        ask('PATCH', `/v1/spaces/${space}/memories/${id}`, { body: { content: 'x' }, headers: { 'if-match': '"9"' } }),
    ],
    ['delete', (ask, space, id) => ask('DELETE', `/v1/spaces/${space}/memories/${id}`)],
    ['history', (ask, space, id) => ask('GET', `/v1/spaces/${space}/memories/${id}/history`)],
    ['explain', (ask, space, id) => ask('POST', `/v1/spaces/${space}/explain`, { body: { id } })],
  ];

  test.each(ROUTES)(
    'G6, S9: %s: a space that is not there, one of others, and a memory that is not there answer the same, byte for byte',
    async (_, call) => {
      const expected = bytesOf(await call(mallory, 'absent', ABSENT));
      for (const [space, id] of [
        ['absent', shared],
        ['team', shared],
        ['team', ABSENT],
        ['of%20others', ABSENT],
        ['TEAM', shared],
        ['tea', shared],
      ] as const)
        expect([space, bytesOf(await call(mallory, space, id))]).toEqual([space, expected]);
    },
  );

  test.each(ROUTES.filter(([name]) => !/list|count|search|add/.test(name)))(
    'G6: %s: to a member a memory that is not there answers what it answers to who is none',
    async (_, call) => {
      expect(bytesOf(await call(alice, 'team', ABSENT))).toBe(bytesOf(await call(mallory, 'absent', ABSENT)));
    },
  );

  test('G6: the list of a space is for who may grant, and others are refused whatever there is', async () => {
    for (const [method, path, body] of [
      ['GET', 'members', undefined],
      ['POST', 'members', { member: { user: 'mallory' }, access: 'write' }],
      ['POST', 'members/revoke', { member: { user: 'alice' } }],
      ['POST', 'erase', undefined],
    ] as const) {
      const ask = (who: Send, space: string) =>
        who(method, `/v1/spaces/${space}/${path}`, body === undefined ? {} : { body });
      const expected = bytesOf(await ask(alice, 'absent'));
      expect(expected).toMatch(/^403/);
      expect(bytesOf(await ask(alice, 'team'))).toBe(expected);
      expect((await ask(admin, 'absent')).status).toBe(404);
    }
  });

  test('a revocation is in force at the next request, and a grant as well', async () => {
    const member = { member: { user: 'bob' } };
    expect((await bob('GET', `${MEMORIES}/${shared}`)).status).toBe(200);
    expect((await admin('POST', `${TEAM}/members/revoke`, { body: member })).status).toBe(204);
    expect((await bob('GET', `${MEMORIES}/${shared}`)).status).toBe(404);
    expect((await bob('GET', '/v1/spaces')).body.spaces.map(({ id }: { id: string }) => id)).toEqual(['gone']);
    expect((await admin('POST', `${TEAM}/members`, { body: { ...member, access: 'read' } })).status).toBe(204);
    expect((await bob('GET', `${MEMORIES}/${shared}`)).status).toBe(200);
    expect((await admin('GET', `${TEAM}/members`)).body).toEqual({
      onErase: 'remove',
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'read' },
      ],
    });
  });

  test('a principal lists its spaces, page by page', async () => {
    const first = await alice('GET', '/v1/spaces?limit=1');
    expect(first.body).toMatchObject({ spaces: [{ id: 'gone', access: 'write' }] });
    const next = await alice('GET', `/v1/spaces?limit=1&cursor=${encodeURIComponent(first.body.cursor as string)}`);
    expect(next.body).toEqual({ spaces: [{ id: 'team', access: 'write' }] });
  });

  test('G27: which user a credential acts for is not a matter of the body, the query or the address', async () => {
    for (const body of [
      { content: 'x', userId: 'alice' },
      { content: 'x', author: 'alice' },
      { content: 'x', space: 'team' },
    ])
      expect((await mallory('POST', MEMORIES, { body })).status).toBe(400);
    expect((await mallory('GET', `${MEMORIES}?user=alice`)).status).toBe(400);
    const headers = { 'memwarden-on-behalf-of': 'alice' };
    expect((await mallory('GET', `${MEMORIES}/${shared}`, { headers })).status).toBe(403);
  });

  test('S9, S15: a memory that is added twice under one key is added once; to who is on the list no more nothing is repeated', async () => {
    const sending = { body: { content: 'once' }, headers: { 'idempotency-key': 'one' } };
    const first = await alice('POST', MEMORIES, sending);
    expect((await alice('POST', MEMORIES, sending)).body).toEqual(first.body);
    expect((await alice('GET', `${MEMORIES}/count`)).body).toEqual({ count: 2 });
    await admin('POST', `${TEAM}/members/revoke`, { body: { member: { user: 'alice' } } });
    const anew = bytesOf(await alice('POST', MEMORIES, { body: sending.body, headers: { 'idempotency-key': 'new' } }));
    expect(anew).toMatch(/^404/);
    const other = { ...sending, body: { content: 'other' } };
    for (const again of [sending, other]) expect(bytesOf(await alice('POST', MEMORIES, again))).toBe(anew);
    await admin('POST', `${TEAM}/members`, { body: { member: { user: 'alice' }, access: 'write' } });
  });

  test('what is shared is copied where policies and list allow it, and a reference resolves until a revocation', async () => {
    const body = { content: 'private', metadata: { shared: { space: 'team', id: shared } } };
    const { id } = (await admin('POST', '/v1/users/bob/memories', { body })).body as { id: string };
    const path = `/v1/users/bob/memories/${id}`;
    expect((await bob('POST', `${path}/share`, { body: { space: 'team' } })).status).toBe(403);
    const absent = bytesOf(await admin('POST', `${path}/share`, { body: { space: 'absent' } }));
    expect(absent).toMatch(/^404/);
    expect(bytesOf(await admin('POST', `${path}/share`, { body: { space: 'team' } }))).toBe(absent);
    await admin('POST', '/v1/spaces/gone/members', { body: { member: { user: 'bob' }, access: 'write' } });
    const copied = await admin('POST', `${path}/share`, { body: { space: 'gone' } });
    expect([copied.status, copied.body.content]).toEqual([201, 'private']);
    expect((await bob('GET', copied.headers.get('location') as string)).body.content).toBe('private');
    expect((await bob('GET', `${path}/shared`)).body).toMatchObject({ id: shared, space: 'team' });
    await admin('POST', `${TEAM}/members/revoke`, { body: { member: { user: 'bob' } } });
    expect((await bob('GET', `${path}/shared`)).status).toBe(404);
  });

  test('an erased space is gone, and its certificate is the answer of a job', async () => {
    const begun = await admin('POST', '/v1/spaces/gone/erase');
    expect(begun.status).toBe(202);
    let job = await admin('GET', begun.headers.get('location') as string);
    for (let n = 0; n < 200 && job.body.state === 'running'; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      job = await admin('GET', begun.headers.get('location') as string);
    }
    expect(job.body).toMatchObject({ state: 'done', certificate: { deleted: { memories: 1 } } });
    expect((await alice('GET', '/v1/spaces')).body).toEqual({ spaces: [{ id: 'team', access: 'write' }] });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { servicesOf } from '../../src/internals.js';
import { mem0 } from '../../src/mem0/index.js';
import { describeServed } from '../support/describe-served.js';
import { failure, serveMem0, type Added, type Mem0Served } from './support.js';

const SECRET = 'Bob hides the key under the blue stone.';

describeServed('Two users, two keys, and every trick of an id or a filter', (serve) => {
  let served: Mem0Served;
  let keyA: string;
  let keyB: string;
  let idA: string;
  let idB: string;
  let eventB: string;
  let before: string;

  beforeAll(async () => {
    served = await serveMem0({}, undefined, mem0, serve);
    keyA = await served.key({ role: 'agent', users: ['alice'] });
    keyB = await served.key({ role: 'agent', users: ['bob'] });
    const add = async (key: string, user_id: string, content: string) =>
      (await served
        .client(key)
        .add([{ role: 'user', content }], { userId: user_id, agentId: 'shared' })) as unknown as Added;
    idA = String((await add(keyA, 'alice', 'Alice likes tea.')).results[0]?.id);
    const bobs = await add(keyB, 'bob', SECRET);
    idB = String(bobs.results[0]?.id);
    eventB = bobs.eventId;
    before = await bobsState();
  });
  afterAll(() => served.close());

  const bobsState = async () =>
    (await served.send(keyB, 'POST', '/v3/memories/', { filters: { user_id: 'bob' } })).text;
  const asAlice = (method: string, path: string, body?: unknown) => served.send(keyA, method, path, body);

  const AT_TOP: readonly (readonly [string, unknown])[] = [
    ['another user', { user_id: 'bob' }],
    ['another user in AND', { AND: [{ user_id: 'bob' }] }],
    ['anybody', { user_id: '*' }],
    ['a prefix', { user_id: 'bo*' }],
    ['a pattern of SQL', { user_id: 'b%' }],
    ['a pattern of characters', { user_id: 'b_b' }],
    ['a regular expression', { user_id: '.*' }],
    ['other letters', { user_id: 'BOB' }],
    ['a look-alike', { user_id: 'bоb' }],
    ['a space behind', { user_id: 'bob ' }],
    ['several users', { user_id: { in: ['alice', 'bob'] } }],
    ['one user as a list', { user_id: ['alice'] }],
    ['not one user', { user_id: { ne: 'alice' } }],
    ['an operator of a database', { user_id: { $ne: null } }],
    ['an operator of a database beside', { user_id: 'alice', $or: [{}] }],
    ['code', { user_id: 'alice', $where: 'true' }],
    ['a pattern operator', { user_id: { $regex: '.*' } }],
    ['a contains', { user_id: { contains: 'b' } }],
    ['null', { user_id: null }],
    ['a number', { user_id: 7 }],
    ['an object', { user_id: {} }],
    ['nothing of the name', { user_id: '' }],
    ['a control character', { user_id: 'bob\u0000' }],
    ['OR', { OR: [{ user_id: 'alice' }, { user_id: 'bob' }] }],
    ['OR with an agent', { OR: [{ user_id: 'alice' }, { agent_id: 'shared' }] }],
    ['OR beside the own', { user_id: 'alice', OR: [{ user_id: 'bob' }] }],
    ['OR within AND', { AND: [{ user_id: 'alice' }, { OR: [{ user_id: 'bob' }] }] }],
    ['NOT', { NOT: { user_id: 'alice' } }],
    ['NOT in AND', { AND: [{ user_id: 'alice' }, { NOT: [{ user_id: 'alice' }] }] }],
    ['two', { AND: [{ user_id: 'alice' }, { user_id: 'bob' }] }],
    ['the same twice', { user_id: 'alice', AND: [{ user_id: 'alice' }] }],
    ['an agent alone', { agent_id: 'shared' }],
    ['any agent', { agent_id: '*' }],
    ['an app alone', { app_id: 'a' }],
    ['a run alone', { AND: [{ run_id: 'r' }] }],
    ['an agent in OR', { OR: [{ agent_id: 'shared' }] }],
    ['any run of one user', { user_id: 'alice', run_id: '*' }],
    ['camel case, as the JavaScript client sends it', { userId: 'bob' }],
    ['an unknown key', { user_id: 'alice', tenant: 'x' }],
    ['the owner by another name', { user_id: 'alice', owner: 'bob' }],
    ['the level as a field', { user_id: 'alice', sensitivity: { ne: 'x' } }],
    ['a metadata operator', { user_id: 'alice', metadata: { $ne: 1 } }],
    ['a metadata object', { user_id: 'alice', metadata: { user_id: { $ne: 1 } } }],
    ['a list', [{ user_id: 'bob' }]],
    ['a text', "{'user_id': 'bob'}"],
    ['too deep', Array.from({ length: 20 }).reduce<object>((of) => ({ NOT: of }), { user_id: 'alice' })],
    ['nothing', undefined],
  ];

  test.each(AT_TOP)('G3, G8: filters that name %s reach nobody but the user of the key', async (_name, filters) => {
    for (const [path, rest] of [
      ['/v3/memories/search/', { query: 'key stone' }],
      ['/v3/memories/', {}],
      ['/v2/memories/search/', { query: 'key stone' }],
      ['/v2/memories/', {}],
      ['/v1/exports/', { schema: {} }],
      ['/v1/exports/get/', {}],
    ] as const) {
      const { status, text } = await asAlice('POST', path, { ...rest, filters });
      expect([400, 403]).toContain(status);
      expect(text).not.toContain('blue stone');
    }
  });

  test('G8: two filters that are allowed find what is of the own user alone', async () => {
    for (const filters of [{}, { user_id: 'alice' }, { AND: [{ user_id: { eq: 'alice' } }, { agent_id: 'shared' }] }]) {
      const { body } = await asAlice('POST', '/v3/memories/', { filters });
      expect(body).toMatchObject({ count: 1, results: [{ id: idA, user_id: 'alice' }] });
    }
    const named = { filters: { user_id: 'alice', memory_ids: [idA, idB, 'x'] } };
    expect((await asAlice('POST', '/v3/memories/', named)).body).toMatchObject({ count: 1, results: [{ id: idA }] });
    const not = { filters: { user_id: 'alice', NOT: { memory_ids: [idA] } } };
    expect((await asAlice('POST', '/v3/memories/', not)).body).toMatchObject({ count: 0, results: [] });
  });

  test('mem0#6277, G4: metadata and bodies that name an owner, a level or an id change none', async () => {
    const metadata = { user_id: 'bob', userId: 'bob', owner: 'bob', id: idB, version: 9, tenant: 'x' };
    const { body } = await asAlice('POST', '/v3/memories/add/', { messages: 'Mine.', user_id: 'alice', metadata });
    const [added] = (body as unknown as Added).results;
    expect((await asAlice('GET', `/v1/memories/${added?.id}/`)).body).toMatchObject({ user_id: 'alice', metadata });
    expect(await bobsState()).toBe(before);
    for (const extra of [
      { id: idB },
      { owner: 'bob' },
      { level: 'public' },
      { sensitivity: 'public' },
      { tenant: 'x' },
      { version: 1 },
    ]) {
      for (const [method, path, rest] of [
        ['POST', '/v3/memories/add/', { messages: 'x', user_id: 'alice' }],
        ['PUT', `/v1/memories/${added?.id}/`, { text: 'x' }],
        ['PUT', '/v1/batch/', { memories: [{ memory_id: added?.id, text: 'x', ...extra }] }],
      ] as const)
        expect((await asAlice(method, path, { ...rest, ...extra })).body).toMatchObject({ code: 'invalid_argument' });
    }
    await asAlice('DELETE', `/v1/memories/${added?.id}/`);
  });

  test('G4: keys of a prototype are refused wherever they stand', async () => {
    const body = (key: string) => `{"messages":"x","user_id":"alice","metadata":{"${key}":{"prototype":{"a":1}}}}`;
    for (const key of ['__proto__', 'constructor'])
      expect((await asAlice('POST', '/v3/memories/add/', body(key))).status).toBe(400);
    const filter = '{"query":"x","filters":{"user_id":"alice","__proto__":{"user_id":"bob"}}}';
    expect((await asAlice('POST', '/v3/memories/search/', filter)).status).toBe(400);
    const unknown = { query: 'x', filters: { user_id: 'alice', constructor: 'x' } };
    expect((await asAlice('POST', '/v3/memories/search/', unknown)).status).toBe(400);
  });

  test('a user that the body of an add names is checked against the key', async () => {
    for (const user_id of ['bob', 'BOB', 'bob ', 'b*'])
      expect((await asAlice('POST', '/v3/memories/add/', { messages: 'x', user_id })).body['code']).toBe('forbidden');
    for (const user_id of ['*', '', 7, ['alice'], { $ne: 1 }, 'a\u0000'])
      expect((await asAlice('POST', '/v3/memories/add/', { messages: 'x', user_id })).status).toBe(400);
    const twice = { messages: 'x', user_id: 'alice', filters: { user_id: 'bob' } };
    expect((await asAlice('POST', '/v3/memories/add/', twice)).status).toBe(400);
    expect((await asAlice('POST', '/v3/memories/add/', { messages: 'x', filters: { user_id: 'bob' } })).status).toBe(
      403,
    );
  });

  test('mem0#3746, G9: a delete of all that names no user deletes nothing', async () => {
    for (const query of [
      '',
      '?',
      '?user_id=',
      '?user_id=*',
      '?agent_id=shared',
      '?run_id=r',
      '?app_id=a',
      '?user_id=alice&user_id=bob',
      '?user_id[$ne]=x',
      '?user_id=alice&filters=x',
      '?metadata={}',
    ])
      expect((await asAlice('DELETE', `/v1/memories/${query}`)).status).toBe(400);
    expect(await failure(served.client(keyA).deleteAll())).toMatchObject({ name: 'ValidationError' });
    for (const query of ['?user_id=bob', '?user_id=b%25', '?user_id=BOB', '?user_id=alice%20'])
      expect((await asAlice('DELETE', `/v1/memories/${query}`)).status).toBe(403);
    expect((await asAlice('GET', `/v1/memories/${idA}/`)).status).toBe(200);
    expect(await bobsState()).toBe(before);
  });

  test('S14, G6: an id of another user, of another kind, changed, absent or malformed is the same to the byte', async () => {
    const gone = String(
      ((await asAlice('POST', '/v3/memories/add/', { messages: 'x', user_id: 'alice' })).body as unknown as Added)
        .results[0]?.id,
    );
    await asAlice('DELETE', `/v1/memories/${gone}/`);
    const sensitive = { messages: 'Alice, quietly.', user_id: 'alice', metadata: { sensitivity: 'sensitive' } };
    const above = String(
      ((await asAlice('POST', '/v3/memories/add/', sensitive)).body as unknown as Added).results[0]?.id,
    );
    const flipped = `${idA.slice(0, 40)}${idA[40] === 'A' ? 'B' : 'A'}${idA.slice(41)}`;
    const ids = [
      idB,
      gone,
      above,
      flipped,
      eventB,
      `${idA}A`,
      idA.slice(0, -1),
      'bob',
      '*',
      '..%2fbob',
      '$ne',
      'x'.repeat(2_000),
      '0192f0c1-1111-7000-8000-000000000000',
    ];
    for (const [method, tail, body] of [
      ['GET', '', undefined],
      ['PUT', '', { text: 'changed' }],
      ['DELETE', '', undefined],
    ] as const) {
      const seen = new Set<string>();
      for (const id of ids) {
        const { status, headers, text } = await asAlice(method, `/v1/memories/${id}/${tail}`, body);
        const told = [...headers].filter(([name]) => !['date', 'memwarden-request-id'].includes(name));
        seen.add(JSON.stringify([status, told, text]));
      }
      expect([...seen]).toHaveLength(1);
      expect([...seen][0]).toContain('404');
    }
    const histories = new Set<string>();
    for (const id of ids.filter((one) => one !== gone))
      histories.add((await asAlice('GET', `/v1/memories/${id}/history/`)).text);
    expect(histories.size).toBe(1);
    for (const id of [idB, flipped, 'x']) {
      expect((await asAlice('PUT', '/v1/batch/', { memories: [{ memory_id: id, text: 'x' }] })).status).toBe(404);
      expect(
        (await asAlice('DELETE', '/v1/batch/', { memories: [{ memory_id: idA }, { memory_id: id }] })).status,
      ).toBe(404);
      expect((await asAlice('POST', '/v1/feedback/', { memory_id: id, feedback: 'POSITIVE' })).status).toBe(404);
      expect((await asAlice('GET', `/v1/event/${id}/`)).status).toBe(404);
    }
    expect((await asAlice('GET', `/v1/memories/${idA}/`)).status).toBe(200);
    expect(await bobsState()).toBe(before);
  });

  test('G6: a role that may not delete hears the same of every id', async () => {
    const reader = await served.key({ role: 'export', users: 'any' });
    const seen = new Set<string>();
    for (const id of [idA, idB, 'x', `${idA}A`]) {
      const { status, text } = await served.send(reader, 'DELETE', `/v1/memories/${id}/`);
      seen.add(`${status} ${text}`);
    }
    expect([...seen]).toEqual([expect.stringContaining('403') as unknown]);
  });

  test.each(['agent', 'admin'])(
    'a credential (%s) that says it acts for one user finds no id of another',
    async (role) => {
      const any = await served.key({ role, users: 'any' });
      const read = (id: string, user: string) =>
        fetch(`${served.url}/v1/memories/${id}/`, {
          headers: { authorization: `Token ${any}`, 'memwarden-on-behalf-of': user },
        });
      expect((await read(idB, 'bob')).status).toBe(200);
      const foreign = await read(idB, 'alice');
      expect([foreign.status, await foreign.text()]).toEqual([404, (await asAlice('GET', '/v1/memories/x/')).text]);
    },
  );

  test('G6, S14: where a rule refuses one user by name, their ids are like no ids at all', async () => {
    const policies = mkdtempSync(join(tmpdir(), 'memwarden-policies-'));
    writeFileSync(
      join(policies, 'clerk.yaml'),
      [
        'role: clerk',
        'rules:',
        '  - { id: all, action: [create, read, delete], subject: Memory, reason: Clerks read. }',
        '  - { id: but-vip, action: [read, delete], inverted: true, subject: Memory, conditions: { user_id: vip }, reason: Not these. }',
        '',
      ].join('\n'),
    );
    const other = await serveMem0({ policies }, undefined, mem0, serve);
    // These policies have no admin who could make a key.
    const grant = { role: 'clerk', users: 'any', purposes: 'any' } as const;
    const { key: clerk } = await servicesOf(other.warden).apiKeys.create({ grant });
    const idOf = async (user_id: string) => {
      const { body } = await other.send(clerk, 'POST', '/v3/memories/add/', { messages: 'x', user_id });
      return String((body as unknown as Added).results[0]?.id);
    };
    const [vip, open] = [await idOf('vip'), await idOf('open')];
    expect((await other.send(clerk, 'GET', `/v1/memories/${open}/`)).status).toBe(200);
    const seen = new Set<string>();
    for (const id of [vip, `${open}A`, 'x']) {
      const { status, text } = await other.send(clerk, 'GET', `/v1/memories/${id}/`);
      seen.add(`${status} ${text}`);
    }
    expect([...seen]).toEqual([expect.stringContaining('404') as unknown]);
    await other.close();
    rmSync(policies, { recursive: true, force: true });
  });

  test('G27: the header that the clients send of themselves names nobody', async () => {
    const headers = { authorization: `Token ${keyA}`, 'mem0-user-id': 'bob' };
    expect((await fetch(`${served.url}/v1/memories/${idB}/`, { headers })).status).toBe(404);
  });

  test('G6: two users are told of a user that there is not, and of one that there is, in one way', async () => {
    const asked = async (user: string) => {
      const answers = [];
      for (const [method, path, body] of [
        ['POST', '/v3/memories/', { filters: { user_id: user } }],
        ['POST', '/v3/memories/search/', { query: 'x', filters: { user_id: user } }],
        ['DELETE', `/v1/memories/?user_id=${user}`, undefined],
        ['DELETE', `/v2/entities/user/${user}/`, undefined],
        ['GET', `/v1/memories/?user_id=${user}`, undefined],
        ['GET', `/v1/events/?user_id=${user}`, undefined],
      ] as const)
        answers.push((await asAlice(method, path, body)).text);
      return answers;
    };
    expect(await asked('bob')).toEqual(await asked('nob'));
  });
});

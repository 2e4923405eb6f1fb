import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { insideOf } from '../../../src/warden.js';
import { v1 } from '../../../src/http/v1/index.js';
import { fromJson, idsTo } from '../../attack/corpus.js';
import { bytesOf, sender, type Answered, type Send, type Sending } from '../../support/http.js';
import { describeServedMostly } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ABSENT, ADMIN, handClock } from '../../support/warden.js';

const USER = '/v1/users/alice';
const MEMORIES = `${USER}/memories`;
const SECRETS = /BOB-SECRET|ALICE-SENSITIVE/;

describeServedMostly('hostile requests to the HTTP API', (serve) => {
  const clock = handClock();
  let served: Served;
  let agent: Send;
  let own: string;
  // Ids that are not there for the agent, each for another reason.
  const missing: Record<string, string> = {};
  beforeAll(async () => {
    served = await serve([v1], { clock });
    agent = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
    const alice = served.warden.scope(ADMIN, 'alice');
    own = (await alice.add('mine')).id;
    missing['absent'] = ABSENT;
    missing['above its level'] = (await alice.add('ALICE-SENSITIVE', { level: 'sensitive' })).id;
    missing["another user's"] = (await served.warden.scope(ADMIN, 'bob').add('BOB-SECRET', { level: 'public' })).id;
    missing['expired'] = (await alice.add('expired', { ttl: 1 })).id;
    missing['deleted'] = (await alice.add('deleted')).id;
    await alice.delete(missing['deleted']);
    missing['no id'] = 'nonsense';
    missing['no id, but long'] = 'x'.repeat(2_000);
    missing['an operator'] = '{"$ne":null}';
    missing['a path'] = '../../bob/memories';
    clock.forward(1);
  });
  afterAll(() => served.close());

  const ROUTES: readonly [string, (id: string) => Promise<Answered>][] = [
    ['get', (id) => agent('GET', `${MEMORIES}/${encodeURIComponent(id)}`)],
    ['update', (id) => agent('PATCH', `${MEMORIES}/${encodeURIComponent(id)}`, { body: { content: 'x' } })],
    ['update under a version', (id) => change(id, { 'if-match': '"1"' })],
    ['update with a key', (id) => change(id, { 'idempotency-key': 'k' })],
    ['reclassify', (id) => agent('PATCH', `${MEMORIES}/${encodeURIComponent(id)}`, { body: { level: 'public' } })],
    ['delete', (id) => agent('DELETE', `${MEMORIES}/${encodeURIComponent(id)}`)],
    [
      'delete under a version',
      (id) => agent('DELETE', `${MEMORIES}/${encodeURIComponent(id)}`, { headers: { 'if-match': '"1"' } }),
    ],
    [
      'delete with a key',
      (id) => agent('DELETE', `${MEMORIES}/${encodeURIComponent(id)}`, { headers: { 'idempotency-key': 'k' } }),
    ],
    ['history', (id) => agent('GET', `${MEMORIES}/${encodeURIComponent(id)}/history`)],
    ['explain', (id) => agent('POST', `${USER}/explain`, { body: { id } })],
    ['export', (id) => agent('GET', `/v1/exports/${encodeURIComponent(id)}`)],
    ['manifest', (id) => agent('GET', `/v1/exports/${encodeURIComponent(id)}/manifest`)],
    ['file', (id) => agent('GET', `/v1/exports/${encodeURIComponent(id)}/file`)],
    ['erasure', (id) => agent('GET', `/v1/erasures/${encodeURIComponent(id)}`)],
  ];
  const change = (id: string, headers: Record<string, string>) =>
    agent('PATCH', `${MEMORIES}/${encodeURIComponent(id)}`, { body: { content: 'x' }, headers });

  test.each(ROUTES)(
    'G6, S9: %s: what is absent, forbidden, expired, deleted or no id at all answers the same, byte for byte',
    async (name, call) => {
      const jobs = ['export', 'manifest', 'file', 'erasure'];
      const expected = bytesOf(await call(ABSENT));
      expect(expected).toMatch(jobs.includes(name) ? /job_not_found/ : /^404[^]*urn:memwarden:error:not_found/);
      for (const [why, id] of Object.entries(missing)) {
        // Of a memory that was deleted the history is told, without its content (S11).
        if (name === 'history' && why === 'deleted') continue;
        expect([why, bytesOf(await call(id))]).toEqual([why, expected]);
      }
    },
  );

  test('S10: every miss by id takes the same steps in the store', async () => {
    const { planned } = insideOf(served.warden).parts.driver as unknown as { planned: Record<string, unknown> };
    const calls: string[] = [];
    const real = { ...planned };
    for (const [name, method] of Object.entries(real)) {
      if (typeof method !== 'function') continue;
      planned[name] = (...args: unknown[]): unknown => {
        calls.push(name);
        return (method as (...given: unknown[]) => unknown).apply(planned, args);
      };
    }
    try {
      for (const [name, call] of ROUTES.slice(0, 10)) {
        const steps = async (id: string) => {
          calls.length = 0;
          await call(id);
          return calls.join(' ');
        };
        const expected = await steps(ABSENT);
        expect([name, expected]).toEqual([name, expect.stringContaining('look')]);
        for (const [why, id] of Object.entries(missing))
          if (name !== 'history' || why !== 'deleted')
            expect([name, why, await steps(id)]).toEqual([name, why, expected]);
      }
    } finally {
      Object.assign(planned, real);
    }
  });

  test('G6, S9: whether a user exists shows in nothing: what the credential may not is forbidden before a look', async () => {
    const expected = bytesOf(await agent('GET', '/v1/users/nobody-at-all/memories'));
    for (const user of ['bob', 'alice2', 'ALICE', 'alice%20', '*', '%25', 'al.ce', '%D0%B0lice'])
      expect([user, bytesOf(await agent('GET', `/v1/users/${user}/memories`))]).toEqual([user, expected]);
  });

  test('G8: a name is a name: none stands for another by prefix, pattern, case or look', async () => {
    const names = [
      'acme',
      'acme-corp',
      'a_b',
      'axb',
      '*',
      '%',
      '.',
      '..',
      'a/b',
      'a?b',
      'a#b',
      '^a',
      'ACME',
      'асme',
      '$where',
      'ａcme',
    ];
    const others = idsTo('distinct')
      .map(({ value }) => String(value))
      .filter((name) => ![...names, 'alice', 'bob'].includes(name))
      .slice(0, 25);
    const all = [...names, ...others];
    const admin = sender(served.url, await served.key({ role: 'admin', users: 'any' }));
    const place = (name: string) =>
      `/v1/users/${encodeURIComponent(name).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'))}/memories`;
    // A path of dots is taken for another path by every client of HTTP before it is sent.
    const sent = all.filter((name) => !/^\.+$/.test(name));
    for (const name of sent)
      expect((await admin('POST', place(name), { body: { content: `of ${name}` } })).status).toBe(201);
    for (const name of sent) {
      const { body } = await admin('GET', place(name));
      expect([name, body.memories.map(({ content }: { content: string }) => content)]).toEqual([name, [`of ${name}`]]);
    }
    const acme = sender(served.url, await served.key({ role: 'agent', users: ['acme'] }));
    for (const name of sent)
      expect([name, (await acme('GET', place(name))).status]).toEqual([name, name === 'acme' ? 200 : 403]);
    for (const { name, value } of idsTo('refuse')) {
      // No path holds these: what is no text, an empty segment, half a character, or more than headers may.
      if (typeof value !== 'string' || value === '' || !value.isWellFormed() || value.length > 1_000) continue;
      const { status, body } = await admin('GET', place(value));
      expect([name, status, body?.code]).toEqual([name, 400, 'invalid_owner']);
    }
  });

  // Where something of a request can stand, and whether it is kept as it is there.
  const POSITIONS: readonly {
    readonly name: string;
    readonly inert?: boolean;
    send(value: unknown): [string, string, Sending];
  }[] = [
    { name: 'body', send: (value) => ['POST', MEMORIES, { body: value === undefined ? {} : value }] },
    ...['content', 'level', 'category', 'agentId', 'sessionId', 'occurredAt', 'expiresAt', 'ttl', 'speaker'].map(
      (field) => ({
        name: `add ${field}`,
        send: (value: unknown): [string, string, Sending] => [
          'POST',
          MEMORIES,
          { body: { content: 'x', [field]: value } },
        ],
      }),
    ),
    {
      name: 'add metadata.a',
      inert: true,
      send: (a) => ['POST', MEMORIES, { body: { content: 'x', metadata: { a } } }],
    },
    { name: 'messages', send: (value) => ['POST', MEMORIES, { body: { messages: value } }] },
    { name: 'batch', send: (value) => ['POST', `${MEMORIES}/batch`, { body: { memories: [value] } }] },
    {
      name: 'update id',
      send: (value) => ['PATCH', `${MEMORIES}/${encodeURIComponent(text(value))}`, { body: { content: 'x' } }],
    },
    { name: 'update level', send: (level) => ['PATCH', `${MEMORIES}/${own}`, { body: { level } }] },
    { name: 'update speaker', send: (speaker) => ['PATCH', `${MEMORIES}/${own}`, { body: { speaker } }] },
    ...['category', 'level', 'agentId', 'from', 'keyword', 'limit', 'cursor', '$where', '$or', 'user_id'].map(
      (field) => ({
        name: `query ${field}`,
        send: (value: unknown): [string, string, Sending] => [
          'POST',
          `${MEMORIES}/query`,
          { body: { [field]: value } },
        ],
      }),
    ),
    { name: 'list ?category', send: (value) => ['GET', `${MEMORIES}?category=${encodeURIComponent(text(value))}`, {}] },
    {
      name: 'list ?category[]',
      send: (value) => ['GET', `${MEMORIES}?category[$ne]=${encodeURIComponent(text(value))}`, {}],
    },
    { name: 'delete ?level', send: (value) => ['DELETE', `${MEMORIES}?level=${encodeURIComponent(text(value))}`, {}] },
    { name: 'search query', send: (query) => ['POST', `${MEMORIES}/search`, { body: { query } }] },
    { name: 'search filter', send: (filter) => ['POST', `${MEMORIES}/search`, { body: { query: 'x', filter } }] },
    {
      name: 'search filter.id',
      send: (id) => ['POST', `${MEMORIES}/search`, { body: { query: 'x', filter: { id } } }],
    },
    {
      name: 'search filter.metadata.a',
      send: (a) => ['POST', `${MEMORIES}/search`, { body: { query: 'x', filter: { metadata: { a } } } }],
    },
    {
      name: 'context filter.level',
      send: (level) => ['POST', `${USER}/context`, { body: { query: 'x', filter: { level } } }],
    },
    { name: 'explain id', send: (id) => ['POST', `${USER}/explain`, { body: { id } }] },
    { name: 'explain action', send: (action) => ['POST', `${USER}/explain`, { body: { id: own, action } }] },
  ];
  const text = (value: unknown) => {
    const found = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return found.toWellFormed().slice(0, 500);
  };

  test('G3: no operator enters: objects are refused wherever they stand, and no text finds what it may not', async () => {
    let [refused, sent] = [0, 0];
    for (const [n, hostile] of fromJson.entries()) {
      // Each at every seventh position: together everything meets every kind of place.
      for (const [at, { name, inert, send }] of POSITIONS.entries()) {
        if ((n + at) % 7 !== 0) continue;
        const value = hostile.make();
        const answer = await agent(...send(value));
        sent += 1;
        expect([hostile.name, name, answer.text.match(SECRETS)]).toEqual([hostile.name, name, null]);
        expect([hostile.name, name, answer.status < 500]).toEqual([hostile.name, name, true]);
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        const isText = /\?|update id/.test(name);
        const isEmpty = isObject && Object.keys(value).length === 0;
        if (isObject && !inert && !isText && !isEmpty) {
          expect([hostile.name, name, answer.status]).toEqual([hostile.name, name, 400]);
          refused += 1;
        }
      }
    }
    expect(sent).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(300);
    const bob = await served.warden.scope(ADMIN, 'bob').list();
    expect(bob.memories.map(({ content }) => content)).toEqual(['BOB-SECRET']);
  });

  test("G4: prototype keys and fields that are not the caller's have no effect: each is an error", async () => {
    const bodies = [
      '{"content":"x","__proto__":{"level":"public"}}',
      '{"content":"x","metadata":{"a":{"__proto__":{"b":1}}}}',
      '{"content":"x","constructor":{"prototype":{"level":"public"}}}',
      ...[
        'userId',
        'user_id',
        'id',
        'version',
        'sensitivity',
        'tenant',
        'createdAt',
        'updatedAt',
        'classifiedBy',
        'key_id',
        'seal',
        'vector',
        'toString',
        'hasOwnProperty',
      ].map((key) => `{"content":"x","${key}":"bob"}`),
    ];
    const before = await agent('GET', `${MEMORIES}/count`);
    for (const body of bodies) {
      expect([body, (await agent('POST', MEMORIES, { body })).status]).toEqual([body, 400]);
      expect([body, (await agent('PATCH', `${MEMORIES}/${own}`, { body })).status]).toEqual([body, 400]);
      expect([body, (await agent('POST', `${MEMORIES}/batch`, { body: `{"memories":[${body}]}` })).status]).toEqual([
        body,
        400,
      ]);
    }
    for (const query of [
      '__proto__=x',
      '__proto__[level]=x',
      'constructor=x',
      'constructor[prototype]=x',
      'userId=bob',
      'toString=1',
    ])
      expect([query, (await agent('GET', `${MEMORIES}?${query}`)).status]).toEqual([query, 400]);
    expect((await agent('GET', `${MEMORIES}/count`)).body).toEqual(before.body);
    expect(({} as Record<string, unknown>)['level']).toBeUndefined();
    // Metadata is the caller's own: names that mean something elsewhere mean nothing in it.
    const kept = await agent('POST', MEMORIES, {
      body: { content: 'x', metadata: { userId: 'bob', level: 'public', id: ABSENT } },
    });
    expect(kept.body).toMatchObject({ userId: 'alice', level: 'private', metadata: { userId: 'bob' } });
  });
});

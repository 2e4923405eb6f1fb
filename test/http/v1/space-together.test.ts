import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { checkedDoor, sender, type Answered, type Send } from '../../support/http.js';
import { serve, type Served } from '../../support/server.js';
import { ADMIN } from '../../support/warden.js';

const TEAM = '/v1/spaces/team/memories';
const EACH = [
  { content: 'one', category: 'a' },
  { content: 'two', category: 'a', level: 'public' },
  { content: 'three' },
];
const NDJSON = { accept: 'application/x-ndjson' };

describe('the HTTP API: many memories of a space, and exports of spaces', () => {
  const { door, faults } = checkedDoor(v1);
  let served: Served;
  let alice: Send;
  let bob: Send;
  let officer: Send;
  // With the user go the keys that act for nobody else.
  const eraseAlice = async () => {
    await served.warden.keys.erase(ADMIN, 'alice');
    alice = sender(served.url, await served.key({ role: 'agent', users: ['alice'] }));
  };
  const asOfficer = { headers: { 'memwarden-on-behalf-of': 'officer' } };
  beforeAll(async () => {
    served = await serve([door], {}, { wait: () => Promise.resolve() });
    const keyOf = async (role: string, users: string[]) => sender(served.url, await served.key({ role, users }));
    [alice, bob, officer] = [
      await keyOf('agent', ['alice']),
      await keyOf('agent', ['bob']),
      await keyOf('admin', ['officer', 'alice']),
    ];
  });
  afterAll(async () => {
    await served.close();
    expect(faults).toEqual([]);
  });
  const made = async (onErase: 'remove' | 'keep' = 'remove') => {
    const members = [
      { user: 'alice', access: 'write' },
      { user: 'bob', access: 'read' },
      { user: 'officer', access: 'read' },
    ] as const;
    await served.warden.space(ADMIN, 'team').create({ onErase, members });
    return () => served.warden.keys.eraseSpace(ADMIN, 'team');
  };
  const contents = ({ text }: Answered) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { content: string }).content);

  test('S15: a batch is added whole, in its order and once under one key; one that is bad adds nothing', async () => {
    const end = await made();
    const sending = { body: { memories: EACH }, headers: { 'idempotency-key': 'batch' } };
    const first = await alice('POST', `${TEAM}/batch`, sending);
    expect([first.status, first.body.memories.map(({ content }: { content: string }) => content)]).toEqual([
      201,
      ['one', 'two', 'three'],
    ]);
    expect((await alice('POST', `${TEAM}/batch`, sending)).body).toEqual(first.body);
    const bad = { memories: [{ content: 'x' }, { content: 'y', userId: 'bob' }] };
    expect((await alice('POST', `${TEAM}/batch`, { body: bad })).status).toBe(400);
    expect((await bob('POST', `${TEAM}/batch`, { body: { memories: EACH } })).status).toBe(404);
    expect((await bob('GET', `${TEAM}/count`)).body).toEqual({ count: 3 });
    await end();
  });

  test('a member lists everything a memory a line, and what a body selects', async () => {
    const end = await made();
    expect((await alice('POST', `${TEAM}/batch`, { body: { memories: EACH } })).body).toMatchObject({
      memories: [{}, {}, {}],
    });
    const whole = await bob('GET', `${TEAM}?limit=1`, { headers: NDJSON });
    expect([whole.headers.get('content-type'), contents(whole)]).toEqual([NDJSON.accept, ['three', 'two', 'one']]);
    expect(whole.text).not.toMatch(/userId|author/);
    const some = await bob('POST', `${TEAM}/query`, { body: { category: 'a' }, headers: NDJSON });
    expect(contents(some)).toEqual(['two', 'one']);
    expect((await bob('POST', `${TEAM}/query`, { body: { keyword: 'thr' } })).body.memories).toHaveLength(1);
    expect((await bob('POST', `${TEAM}/query`, { body: { user: 'alice' } })).status).toBe(400);
    await end();
  });

  test('S27: a list whose reader is taken from the space in between does not end as if that were all of it', async () => {
    const end = await made();
    await alice('POST', `${TEAM}/batch`, { body: { memories: EACH } });
    const { cursor } = (await bob('GET', `${TEAM}?limit=1`)).body as { cursor: string };
    const { warden } = served;
    const space = warden.space.bind(warden);
    let pages = 0;
    warden.space = (...args) => {
      const found = space(...args);
      return Object.assign(Object.create(found) as typeof found, {
        list: async (options: Parameters<typeof found.list>[0]) => {
          if ((pages += 1) === 2) await space(ADMIN, 'team').revoke({ user: 'bob' });
          return found.list(options);
        },
      });
    };
    const streamed = await bob('GET', `${TEAM}?limit=1`, { headers: NDJSON });
    warden.space = space;
    const [first, last, ...more] = streamed.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect([first, last, more]).toMatchObject([{ content: 'three' }, { error: { code: 'invalid_cursor' } }, []]);
    expect((await bob('GET', `${TEAM}?limit=1&cursor=${cursor}`)).body.code).toBe('invalid_cursor');
    expect((await bob('GET', `${TEAM}?limit=1`)).body).toEqual({ memories: [] });
    await end();
  });

  test('a selection is deleted by who may write, once under one key; to delete everything has to be said', async () => {
    const end = await made();
    expect((await alice('POST', `${TEAM}/batch`, { body: { memories: EACH } })).body).toMatchObject({
      memories: [{}, {}, {}],
    });
    expect((await bob('DELETE', `${TEAM}?category=a`)).body).toEqual({ deleted: 0 });
    expect((await alice('DELETE', TEAM)).body.code).toBe('empty_filter');
    expect((await alice('DELETE', `${TEAM}?all=true&category=a`)).status).toBe(400);
    const headers = { 'idempotency-key': 'gone' };
    expect((await alice('DELETE', `${TEAM}?category=a`, { headers })).body).toEqual({ deleted: 2 });
    expect((await alice('DELETE', `${TEAM}?category=a`, { headers })).body).toEqual({ deleted: 2 });
    expect((await alice('DELETE', `${TEAM}?all=true`)).body).toEqual({ deleted: 1 });
    expect((await alice('GET', `${TEAM}/count`)).body).toEqual({ count: 0 });
    await end();
  });

  const exported = async (send: Send, body: object): Promise<string> => {
    const { status, body: begun } = await send('POST', '/v1/exports', { body, ...asOfficer });
    expect(status).toBe(202);
    const place = `/v1/exports/${(begun as { id: string }).id}`;
    let found: Answered;
    while ((found = await send('GET', place, asOfficer)).body.state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(found.body.state).toBe('done');
    return place;
  };
  const fileOf = (place: string) => officer('GET', `${place}/file`, asOfficer);

  test.each([
    ['the principal is revoked', () => served.warden.space(ADMIN, 'team').revoke({ user: 'officer' })],
    ['an author is erased', eraseAlice],
    ['the space is erased', () => served.warden.keys.eraseSpace(ADMIN, 'team')],
  ])('S22, S27: the file of a space is handed out to a member, and not any more once %s', async (_, change) => {
    const end = await made();
    expect((await alice('POST', `${TEAM}/batch`, { body: { memories: EACH } })).body).toMatchObject({
      memories: [{}, {}, {}],
    });
    const place = await exported(officer, { spaces: ['team'] });
    const file = await fileOf(place);
    expect([file.status, contents(file)]).toEqual([200, ['three', 'two', 'one']]);
    const manifest = (await officer('GET', `${place}/manifest`, asOfficer)).body;
    expect(manifest.counts.spaces).toEqual([{ space: 'team', memories: 3, levels: { public: 1, private: 2 } }]);
    await change();
    const stale = await fileOf(place);
    expect([stale.status, stale.body.code]).toEqual([409, 'export_stale']);
    await end().catch(() => undefined);
  });

  test('an export of a user holds what the user wrote in spaces; one of a space that is not there holds nothing', async () => {
    const end = await made();
    expect((await alice('POST', `${TEAM}/batch`, { body: { memories: EACH } })).body).toMatchObject({
      memories: [{}, {}, {}],
    });
    expect(contents(await fileOf(await exported(officer, { users: ['alice'] })))).toEqual(['three', 'two', 'one']);
    const every = await exported(officer, { spaces: 'all' });
    expect(contents(await fileOf(every))).toEqual(['three', 'two', 'one']);
    expect((await officer('GET', `${every}/manifest`, asOfficer)).body.query).toMatchObject({
      users: 0,
      spaces: 'all',
    });
    expect((await officer('POST', '/v1/exports', { body: { spaces: 'some' } })).status).toBe(400);
    const nothing = await fileOf(await exported(officer, { spaces: ['never'] }));
    expect([nothing.status, nothing.text]).toEqual([200, '']);
    expect((await officer('POST', '/v1/exports', { body: {} })).status).toBe(400);
    await end();
  });
});

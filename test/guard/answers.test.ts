import { expect, jest, test } from '@jest/globals';
import { clearKeys } from '../support/clear-sealer.js';
import { soundRecord } from '../support/raw.js';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, EXPORT, outcome, type Opened } from '../support/warden.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';

const GARBAGE = ['nothing', '../../etc/passwd', '{"$ne":null}', 'A'.repeat(5_000), `${ABSENT} `, ABSENT.toUpperCase()];

// Passes for a cursor until its key is looked up.
const FORGED = Buffer.concat([Buffer.from([1]), Buffer.alloc(79)]).toString('base64url');

const BY_ID: Readonly<Record<string, (memory: ScopedMemory, id: string) => Promise<unknown>>> = {
  get: (memory, id) => memory.get(id),
  update: (memory, id) => memory.update(id, { content: 'changed' }),
  delete: (memory, id) => memory.delete(id),
  history: (memory, id) => memory.history(id),
  explain: (memory, id) => memory.explain(id),
};

// Every method, as an agent would call it.
const ALL: Readonly<Record<string, (memory: ScopedMemory, id: string) => Promise<unknown>>> = {
  ...BY_ID,
  add: (memory) => memory.add('hello'),
  addChat: (memory) => memory.add([{ role: 'user', content: 'hello' }]),
  addMany: (memory) => memory.addMany([{ content: 'hello' }]),
  list: (memory) => memory.list(),
  listWithCursor: (memory) => memory.list({ cursor: FORGED }),
  getAll: async (memory) => (await memory.getAll().next()).value,
  count: (memory) => memory.count(),
  countKeyword: (memory) => memory.count({ keyword: 'x' }),
  updateVersion: (memory, id) => memory.update(id, { content: 'x', ifVersion: 3 }),
  deleteMany: (memory) => memory.deleteMany({ category: 'general' }),
  deleteAll: (memory) => memory.deleteAll(),
  explainRecord: (memory) => memory.explain({ record: { user_id: 'alice' } }),
};

/** What a call did, as the caller sees it: value or error, whole. */
async function seen(call: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify({ value: await call() });
  } catch (error) {
    const { code, message, status } = error as { code: string; message: string; status: number };
    return JSON.stringify({
      code,
      message,
      status,
      json: error,
      keys: Object.keys(error as object),
      name: String(error),
    });
  }
}

describeOnEachStore('the table of answers', (open) => {
  /** One memory of each level of alice, one of bob, one malformed and one that a rule hides, by what they are. */
  async function stored({ warden, raw }: Opened) {
    const alice = warden.scope(ADMIN, 'alice');
    const sensitive = await alice.add('secret', { level: 'sensitive' });
    const bobs = await warden.scope(ADMIN, 'bob').add('of bob', { level: 'public' });
    const malformed = '01890000-0000-7000-8000-00000000000a';
    await raw.plant('alice', soundRecord('alice', malformed, { sensitivity: 'Public' }));
    return { sensitive: sensitive.id, bobs: bobs.id, malformed, absent: ABSENT };
  }

  test('scope() refuses a malformed principal and a malformed owner, and sends nothing', async () => {
    const { warden, watch } = await open();
    expect(() => warden.scope({ id: '', role: 'agent' }, 'alice')).toThrow(
      expect.objectContaining({ code: 'invalid_principal' }),
    );
    expect(() => warden.scope(agentOf('alice'), '')).toThrow(expect.objectContaining({ code: 'invalid_owner' }));
    expect(watch.calls).toEqual([]);
  });

  test.each(Object.keys(ALL))(
    'S9: an agent for another user is forbidden to %s, with no query sent',
    async (method) => {
      const opened = await open();
      const { sensitive } = await stored(opened);
      opened.watch.calls.length = 0;
      const call = (owner: string, id: string) =>
        seen(() => ALL[method]!(opened.warden.scope(agentOf('bob'), owner), id));
      const existing = await call('alice', sensitive);
      expect(JSON.parse(existing)).toMatchObject({ code: 'forbidden' });
      expect(await call('nobody-ever', ABSENT)).toBe(existing);
      expect(opened.watch.calls).toEqual([]);
    },
  );

  test.each(['stranger', 'Agent', 'admin '])(
    'invariant 1: the role %j has no policy and is forbidden everything',
    async (role) => {
      const { warden, watch } = await open();
      for (const call of Object.values(ALL)) {
        expect(await outcome(() => call(warden.scope({ id: 'x', role, userId: 'alice' }, 'alice'), ABSENT))).toBe(
          'forbidden',
        );
      }
      expect(await outcome(() => warden.users({ id: 'x', role }))).toBe('forbidden');
      expect(watch.calls).toEqual([]);
    },
  );

  test('S9: users() is forbidden to an agent, whatever its cursor, with no query sent', async () => {
    const { warden, watch } = await open();
    expect(await outcome(() => warden.users(agentOf('alice')))).toBe('forbidden');
    expect(await outcome(() => warden.users(agentOf('alice'), { cursor: FORGED }))).toBe('forbidden');
    expect(watch.calls).toEqual([]);
  });

  test('what is absent or not permitted is null, empty, 0 or not_found', async () => {
    const opened = await open();
    const ids = await stored(opened);
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    for (const id of [...Object.values(ids), ...GARBAGE]) {
      expect(await memory.get(id)).toBeNull();
      for (const method of ['update', 'delete', 'history', 'explain']) {
        expect([method, await outcome(() => BY_ID[method]!(memory, id))]).toEqual([method, 'not_found']);
      }
    }
    expect(await memory.list()).toEqual({ memories: [] });
    expect(await memory.count()).toBe(0);
    expect(await memory.deleteMany({ category: 'general' })).toBe(0);
    expect(await memory.deleteAll()).toBe(0);
    expect(await opened.warden.scope(ADMIN, 'alice').count()).toBe(1);
  });

  test.each(Object.keys(BY_ID))(
    'G6: %s answers an absent, a forbidden, a foreign and a malformed memory with the same bytes',
    async (method) => {
      const opened = await open();
      const ids = await stored(opened);
      const memory = opened.warden.scope(agentOf('alice'), 'alice');
      const answers = new Set<string>();
      for (const id of [...Object.values(ids), ...GARBAGE]) answers.add(await seen(() => BY_ID[method]!(memory, id)));
      expect(answers.size).toBe(1);
    },
  );

  test.each(Object.keys(BY_ID))(
    'S10: a miss by %s makes one look and the same calls, whatever is there',
    async (method) => {
      const opened = await open();
      const ids = await stored(opened);
      const memory = opened.warden.scope(agentOf('alice'), 'alice');
      const shapes = new Set<string>();
      for (const id of [...Object.values(ids), ...GARBAGE]) {
        opened.watch.calls.length = 0;
        await seen(() => BY_ID[method]!(memory, id));
        const { calls } = opened.watch;
        expect(calls.filter((call) => call.method === 'look')).toHaveLength(1);
        // The same calls with arguments of the same shape: only the id may differ, and never in length.
        shapes.add(
          JSON.stringify(
            calls.map(({ method: name, args }) => [name, args]),
            (key, value: unknown) => (isUuid(value) ? 'an id' : isMoment(value) ? 'a moment' : value),
          ),
        );
      }
      expect([...shapes]).toHaveLength(1);
    },
  );

  test.each(Object.keys(BY_ID))(
    'S10: a miss by %s checks one seal, whether or not something is there',
    async (method) => {
      const opened = await open({ clear: true });
      const ids = await stored(opened);
      const memory = opened.warden.scope(agentOf('alice'), 'alice');
      const [there, nothing] = [jest.spyOn(clearKeys, 'verifyClear'), jest.spyOn(clearKeys, 'verifyNothing')];
      try {
        for (const id of [...Object.values(ids), ...GARBAGE]) {
          [there, nothing].forEach((spy) => spy.mockClear());
          await seen(() => BY_ID[method]!(memory, id));
          expect(there.mock.calls.length + nothing.mock.calls.length).toBe(1);
        }
      } finally {
        [there, nothing].forEach((spy) => spy.mockRestore());
      }
    },
  );

  test('S10: a hit makes no look', async () => {
    const opened = await open();
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('hello');
    opened.watch.calls.length = 0;
    for (const method of ['get', 'history', 'explain', 'update', 'delete']) await BY_ID[method]!(memory, id);
    expect(opened.watch.calls.map((call) => call.method)).not.toContain('look');
  });

  test('S10: the look finds a malformed record and raises the alarm; the answer does not tell', async () => {
    const opened = await open();
    const { malformed } = await stored(opened);
    const memory = opened.warden.scope(ADMIN, 'alice');
    expect(await memory.get(malformed)).toBeNull();
    expect(opened.warden.alarmCount('malformed_record')).toBe(1);
    expect(await memory.get(ABSENT)).toBeNull();
    expect(opened.warden.alarmCount('malformed_record')).toBe(1);
  });

  test('S9: not_found comes before a version conflict and before what the change would be refused for', async () => {
    const opened = await open();
    const ids = await stored(opened);
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    for (const id of Object.values(ids)) {
      expect(await outcome(() => memory.update(id, { content: 'x', ifVersion: 99 }))).toBe('not_found');
      expect(await outcome(() => memory.update(id, { level: 'public', ifVersion: 1 }))).toBe('not_found');
      expect(await outcome(() => memory.update(id, { expiresAt: null }))).toBe('not_found');
    }
    const { id } = await memory.add('mine');
    expect(await outcome(() => memory.update(id, { content: 'x', ifVersion: 99 }))).toBe('conflict');
  });

  test('S9: a malformed argument is told before anything is sent, the same for every id', async () => {
    const opened = await open();
    const ids = await stored(opened);
    opened.watch.calls.length = 0;
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    const answers = new Set<string>();
    for (const id of Object.values(ids)) answers.add(await seen(() => memory.update(id, { level: 'top' as 'public' })));
    expect([...answers].map((answer) => JSON.parse(answer) as { code: string })).toMatchObject([
      { code: 'invalid_argument' },
    ]);
    expect(opened.watch.calls).toEqual([]);
  });

  test('S9: an export may not create, update or delete anything, and learns it without a query', async () => {
    const { warden, watch } = await open();
    const memory = warden.scope(EXPORT, 'alice');
    for (const method of ['add', 'addMany', 'update', 'delete', 'deleteMany', 'deleteAll', 'explain']) {
      expect([method, await outcome(() => ALL[method]!(memory, ABSENT))]).toEqual([method, 'forbidden']);
    }
    expect(watch.calls).toEqual([]);
  });
});

const isUuid = (value: unknown) => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
const isMoment = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);

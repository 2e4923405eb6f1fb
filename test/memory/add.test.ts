import { expect, test } from '@jest/globals';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome } from '../support/warden.js';

const CHAT = [
  { role: 'user', name: 'Alice', content: 'I am vegetarian.' },
  { role: 'assistant', content: 'Noted.' },
  { role: 'user', content: 'And I fly on Friday.', timestamp: '2026-02-01T10:00:00Z' },
];

describeOnEachStore('adding', (open) => {
  test('a text, a memory and options come back as they were given, with the defaults put in', async () => {
    const { warden } = await open({ clock: handClock() });
    const memory = warden.scope(agentOf('alice'), 'alice');
    const now = new Date('2026-03-01T12:00:00.000Z');
    expect(await memory.add('hello')).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/),
      userId: 'alice',
      level: 'private',
      category: 'general',
      occurredAt: now,
      createdAt: now,
      updatedAt: now,
      version: 1,
      content: 'hello',
    });
    const given = {
      level: 'public',
      category: 'food',
      agentId: 'a',
      appId: 'b',
      sessionId: 'c',
      speaker: 'Ann',
      metadata: { a: [1, null, { b: 'c' }] },
    } as const;
    const added = await memory.add({ content: 'hello', ...given, occurredAt: '2020-01-01' });
    expect(added).toMatchObject({ ...given, occurredAt: new Date('2020-01-01') });
    expect(await memory.get(added.id)).toStrictEqual(added);
  });

  test('the messages of a chat become one memory each, in order, of one session, with the speaker from name or role', async () => {
    const { warden } = await open({ clock: handClock() });
    const memory = warden.scope(agentOf('alice'), 'alice');
    const added = await memory.add(CHAT, { category: 'chat', level: 'public' });
    expect(added.map((one) => [one.content, one.speaker, one.level, one.category])).toEqual([
      ['I am vegetarian.', 'Alice', 'public', 'chat'],
      ['Noted.', 'assistant', 'public', 'chat'],
      ['And I fly on Friday.', 'user', 'public', 'chat'],
    ]);
    expect(new Set(added.map((one) => one.sessionId)).size).toBe(1);
    expect(added[2]!.occurredAt).toEqual(new Date('2026-02-01T10:00:00Z'));
    // Ids rise, so that messages of one moment keep their order.
    expect(added.map((one) => one.id)).toEqual(added.map((one) => one.id).sort());
    const again = await memory.add(CHAT, { sessionId: 'mine' });
    expect(again.map((one) => one.sessionId)).toEqual(['mine', 'mine', 'mine']);
    expect(await memory.count({ sessionId: added[0]!.sessionId! })).toBe(3);
    expect((await memory.add(CHAT))[0]!.sessionId).not.toBe(added[0]!.sessionId);
  });

  test.each(['add', 'addMany'] as const)(
    '%s is all or nothing where one of the batch is refused or malformed',
    async (method) => {
      const { warden } = await open();
      const memory = warden.scope(agentOf('alice'), 'alice');
      const bad = [...CHAT.slice(0, 2), { role: 'user', content: '' }];
      const call = () =>
        method === 'add'
          ? memory.add(bad)
          : memory.addMany([{ content: 'x' }, { content: 'y', level: 'top' as never }]);
      expect(await outcome(call)).toBe('invalid_argument');
      expect(await memory.count()).toBe(0);
    },
  );

  test.each(['add', 'addMany'] as const)('%s is all or nothing where the store fails before it', async (method) => {
    const { warden, watch, raw } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    watch.before = ({ method: called }) => {
      if (called === 'insert') throw new MemwardenError('store_unavailable');
    };
    const call = () => (method === 'add' ? memory.add(CHAT) : memory.addMany(CHAT.map(({ content }) => ({ content }))));
    expect(await outcome(call)).toBe('store_unavailable');
    expect(await raw.memories()).toEqual([]);
  });

  test('a batch whose last record is refused by the store leaves none of it readable', async () => {
    const { warden, watch, driver, raw } = await open({ clear: true });
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('there before');
    // The store below gets a batch whose last id is taken.
    watch.before = ({ method, args }) => {
      if (method !== 'insert') return;
      const { records } = args[0] as { records: { id: string }[] };
      records.at(-1)!.id = id;
    };
    expect(await outcome(() => memory.addMany([{ content: 'a' }, { content: 'b' }, { content: 'c' }]))).toBe(
      'store_duplicate',
    );
    watch.before = undefined;
    expect((await memory.list()).memories.map((one) => one.content)).toEqual(['there before']);
    await driver.maintenance.repair({ tenant: 'default', userId: 'alice' }, new Date(Date.now() + 1_000));
    expect((await raw.memories()).map((record) => record['content'])).toEqual(['there before']);
  });

  test('a keyword is found whatever its case, and only within what may be read', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany(['Straße', 'STRASSE', 'über', 'a.c', 'abc', '100%'].map((content) => ({ content })));
    await warden.scope(ADMIN, 'alice').add('über secret', { level: 'sensitive' });
    const found = async (keyword: string) => (await memory.list({ keyword })).memories.map((one) => one.content).sort();
    expect(await found('strasse')).toEqual(['STRASSE', 'Straße']);
    expect(await found('ÜBER')).toEqual(['über']);
    expect(await found('a.c')).toEqual(['a.c']);
    expect(await found('%')).toEqual(['100%']);
  });
});

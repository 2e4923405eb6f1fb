import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, EXPORT, handClock, outcome } from '../support/warden.js';

describeOnEachStore('history has levels too', (open) => {
  async function setUp() {
    const clock = handClock();
    const opened = await open({ clock });
    const of = (userId: string) => ({
      agent: opened.warden.scope(agentOf(userId), userId),
      admin: opened.warden.scope(ADMIN, userId),
    });
    return { ...opened, clock, ...of('alice') };
  }

  test('S11: each change is one entry, oldest first, numbered by place, with both sides and no stored version', async () => {
    const { agent, clock } = await setUp();
    const { id } = await agent.add('one', { metadata: { a: 1 } });
    clock.forward(1_000);
    await agent.update(id, { content: 'two' });
    clock.forward(1_000);
    await agent.update(id, { category: 'three' });
    const entries = await agent.history(id);
    expect(entries).toMatchObject([
      {
        n: 1,
        event: 'create',
        at: new Date('2026-03-01T12:00:00.000Z'),
        after: { content: 'one', metadata: { a: 1 } },
      },
      {
        n: 2,
        event: 'update',
        at: new Date('2026-03-01T12:00:01.000Z'),
        before: { content: 'one' },
        after: { content: 'two' },
      },
      { n: 3, event: 'update', before: { category: 'general', content: 'two' }, after: { category: 'three' } },
    ]);
    expect(entries[0]).not.toHaveProperty('before');
    expect(JSON.stringify(entries)).not.toContain('"version"');
  });

  test('S11: an update that changed nothing and one that was refused leave no entry', async () => {
    const { agent } = await setUp();
    const { id } = await agent.add('one', { ttl: 1_000 });
    expect(await agent.update(id, { content: 'one' })).toMatchObject({ version: 1 });
    expect(await outcome(() => agent.update(id, { expiresAt: null }))).toBe('not_found');
    expect(await outcome(() => agent.update(id, { content: 'x', ifVersion: 7 }))).toBe('conflict');
    expect(await agent.history(id)).toHaveLength(1);
  });

  test('S11: history is absent where the memory as it is now may not be read', async () => {
    const { agent, admin, warden } = await setUp();
    const { id } = await agent.add('one', { level: 'public' });
    const exporter = warden.scope(EXPORT, 'alice');
    expect(await exporter.history(id)).toHaveLength(1);
    await agent.update(id, { level: 'private' });
    expect(await outcome(() => exporter.history(id))).toBe('not_found');
    expect(await agent.history(id)).toHaveLength(2);
    await admin.update(id, { level: 'sensitive' });
    expect(await outcome(() => agent.history(id))).toBe('not_found');
    expect(await admin.history(id)).toHaveLength(3);
  });

  test('S11: an entry is shown only if every side of it may be read: raised and lowered again, the gap shows nowhere', async () => {
    const { agent, admin } = await setUp();
    const { id } = await agent.add('one', { level: 'private' });
    await agent.update(id, { content: 'two' });
    await admin.update(id, { level: 'sensitive', content: 'the diagnosis' });
    await admin.update(id, { content: 'the second diagnosis' });
    await admin.update(id, { level: 'private', content: 'three' });
    await agent.update(id, { content: 'four' });
    const entries = await agent.history(id);
    expect(entries.map(({ n, before, after }) => [n, before?.content, after?.content])).toEqual([
      [1, undefined, 'one'],
      [2, 'one', 'two'],
      [3, 'three', 'four'],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/diagnosis|sensitive|"version"/);
    expect(await admin.history(id)).toHaveLength(6);
  });

  test('S11: a memory that was created above the read level and lowered shows no creation', async () => {
    const { agent, admin } = await setUp();
    const { id } = await agent.add('secret', { level: 'sensitive' });
    await admin.update(id, { level: 'public', content: 'harmless' });
    expect(await agent.history(id)).toEqual([]);
    await agent.update(id, { content: 'mine' });
    expect(await agent.history(id)).toMatchObject([{ n: 1, event: 'update', before: { content: 'harmless' } }]);
  });

  test('S11: after a delete the clear fields stay, and the text of all versions is gone from the store in the same act', async () => {
    const { agent, raw, clock } = await setUp();
    const { id } = await agent.add('canary one', { speaker: 'canary speaker', metadata: { canary: 'canary meta' } });
    await agent.update(id, { content: 'canary two', category: 'work' });
    const sealed = async () =>
      [...(await raw.memories()), ...(await raw.states())].flatMap((row) =>
        ['content', 'metadata', 'speaker', 'seal'].filter((field) => row[field] !== undefined),
      );
    expect(await sealed()).toHaveLength(8);
    clock.forward(5_000);
    await agent.delete(id);
    expect(await sealed()).toEqual([]);
    expect(await raw.memories()).toEqual([]);
    const entries = await agent.history(id);
    expect(entries.map(({ n, event, before, after }) => [n, event, before?.category, after?.category])).toEqual([
      [1, 'create', undefined, 'general'],
      [2, 'update', 'general', 'work'],
      [3, 'delete', 'work', undefined],
    ]);
    expect(entries[2]!.at).toEqual(new Date('2026-03-01T12:00:05.000Z'));
    expect(JSON.stringify(entries)).not.toMatch(/content|speaker|metadata|version/);
  });

  test.each(['deleteMany', 'deleteAll'] as const)('S11: %s takes the text of all versions away too', async (method) => {
    const { agent, raw } = await setUp();
    for (const n of [1, 2, 3]) {
      const { id } = await agent.add(`canary ${n}`);
      await agent.update(id, { content: `canary again ${n}` });
    }
    expect(method === 'deleteAll' ? await agent.deleteAll() : await agent.deleteMany({ keyword: 'CANARY' })).toBe(3);
    expect(JSON.stringify([await raw.memories(), await raw.states()])).not.toContain('canary');
    expect(await raw.states()).toHaveLength(6);
  });

  test('S11: after a delete the last state decides: sensitive then, absent for an agent', async () => {
    const { agent, admin } = await setUp();
    const { id } = await agent.add('one');
    await admin.update(id, { level: 'sensitive' });
    await admin.delete(id);
    expect(await outcome(() => agent.history(id))).toBe('not_found');
    expect(await admin.history(id)).toHaveLength(3);
  });

  test('S11: history of an expired memory is absent at once, deleted before or not', async () => {
    const { agent, admin, clock } = await setUp();
    const { id: kept } = await agent.add('one', { ttl: 1_000 });
    const { id: gone } = await agent.add('two', { ttl: 1_000 });
    await agent.update(kept, { content: 'three' });
    await agent.delete(gone);
    expect(await agent.history(gone)).toHaveLength(2);
    clock.forward(999);
    expect(await agent.history(kept)).toHaveLength(2);
    clock.forward(1);
    for (const memory of [agent, admin]) {
      for (const id of [kept, gone]) expect(await outcome(() => memory.history(id))).toBe('not_found');
    }
  });

  test('S11: history is of one owner: the id of a memory of bob is absent at alice', async () => {
    const { warden, agent, admin } = await setUp();
    const { id } = await warden.scope(agentOf('bob'), 'bob').add('of bob', { level: 'public' });
    for (const memory of [agent, admin]) expect(await outcome(() => memory.history(id))).toBe('not_found');
  });
});

import { expect, test } from '@jest/globals';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, type Opened } from '../support/warden.js';

const WRITERS: Readonly<
  Record<
    string,
    { act: (memory: ScopedMemory, id: string) => Promise<unknown>; refused: unknown; calls: 'replace' | 'remove' }
  >
> = {
  update: {
    act: (memory, id) => memory.update(id, { content: 'landed', category: 'landed' }),
    refused: 'not_found',
    calls: 'replace',
  },
  raise: { act: (memory, id) => memory.update(id, { level: 'private' }), refused: 'not_found', calls: 'replace' },
  delete: { act: (memory, id) => memory.delete(id), refused: 'not_found', calls: 'remove' },
  deleteMany: { act: (memory) => memory.deleteMany({ category: 'general' }), refused: 0, calls: 'remove' },
  deleteManyKeyword: { act: (memory) => memory.deleteMany({ keyword: 'text' }), refused: 0, calls: 'remove' },
  deleteAll: { act: (memory) => memory.deleteAll(), refused: 0, calls: 'remove' },
};
const NAMES = Object.keys(WRITERS);

describeOnEachStore('a write carries its decision', (open) => {
  /** Calls `between` each time the warden under test is about to write. */
  async function held(
    between: (opened: Opened, id: string, admin: ScopedMemory, time: number) => Promise<unknown>,
    name: string,
  ) {
    const opened = await open();
    const second = await opened.again();
    const agent = opened.warden.scope(agentOf('alice'), 'alice');
    const admin = second.scope(ADMIN, 'alice');
    const { id } = await agent.add('the text', { level: 'public' });
    const { act, calls } = WRITERS[name]!;
    let times = 0;
    opened.watch.before = async (call) => {
      if (call.method === calls) await between(opened, id, admin, (times += 1));
    };
    opened.watch.calls.length = 0;
    const result = await outcome(() => act(agent, id));
    opened.watch.before = undefined;
    return { ...opened, id, admin, agent, result, times };
  }

  test.each(NAMES)('S8: %s is held while an admin raises the level: nothing lands', async (name) => {
    const { result, admin, id, times } = await held(
      (_, at, officer, time) => (time === 1 ? officer.update(at, { level: 'sensitive' }) : Promise.resolve()),
      name,
    );
    expect(result).toBe(WRITERS[name]!.refused);
    expect(times).toBe(1);
    expect(await admin.get(id)).toMatchObject({
      content: 'the text',
      category: 'general',
      level: 'sensitive',
      version: 2,
    });
    const entries = await admin.history(id);
    expect(entries.map((entry) => entry.after?.content)).toEqual(['the text', 'the text']);
  });

  test.each(NAMES)('S8: %s is held while the memory is deleted: it is not put back', async (name) => {
    const { result, admin, id, raw } = await held(
      (_, at, officer, time) => (time === 1 ? officer.delete(at) : Promise.resolve()),
      name,
    );
    expect(result).toBe(WRITERS[name]!.refused);
    expect(await admin.get(id)).toBeNull();
    expect(await raw.memories()).toEqual([]);
    expect(JSON.stringify(await raw.states())).not.toMatch(/the text|landed/);
  });

  test.each(NAMES)('S8: %s is held while the category changes: it decides anew', async (name) => {
    const { result, admin, id } = await held(
      (_, at, officer, time) => (time === 1 ? officer.update(at, { category: 'new' }) : Promise.resolve()),
      name,
    );
    const now = await admin.get(id);
    if (name === 'deleteMany') expect([result, now?.category]).toEqual([0, 'new']);
    else if (name === 'update') expect(now).toMatchObject({ content: 'landed', category: 'landed', version: 3 });
    else if (name === 'raise') expect(now).toMatchObject({ level: 'private', category: 'new', version: 3 });
    else expect([name === 'delete' ? undefined : 1, null]).toEqual([result, now]);
  });

  test.each(NAMES)('S8: %s gives up with a conflict after 5 attempts, and nothing of it landed', async (name) => {
    const { result, admin, id, times } = await held(
      (_, at, officer) => officer.update(at, { speaker: `someone ${Math.random()}` }),
      name,
    );
    expect(result).toBe('conflict');
    expect(times).toBe(5);
    expect(await admin.get(id)).toMatchObject({
      content: 'the text',
      category: 'general',
      level: 'public',
      version: 6,
    });
    const contents = (await admin.history(id)).map((entry) => entry.after?.content);
    expect(contents).toEqual(Array.from({ length: 6 }, () => 'the text'));
  });

  test('S8: an update by version is refused when another came first', async () => {
    const opened = await open();
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('first');
    const both = await Promise.all(
      ['a', 'b'].map((content) => outcome(() => memory.update(id, { content, ifVersion: 1 }))),
    );
    expect(both.filter((result) => result === 'conflict')).toHaveLength(1);
    expect((await memory.get(id))?.version).toBe(2);
  });
});

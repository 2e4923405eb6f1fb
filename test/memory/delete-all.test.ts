import { expect, test } from '@jest/globals';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

describeOnEachStore('deleting all', (open) => {
  const fill = async (memory: ScopedMemory, count: number, level: 'public' | 'sensitive' = 'public') => {
    for (let done = 0; done < count; done += 1_000) {
      const size = Math.min(1_000, count - done);
      await memory.addMany(Array.from({ length: size }, (_, i) => ({ content: `text ${done + i}`, level })));
    }
  };

  test('G9: deleteAll of 10,000 removes 10,000, in bounded batches, and nothing that it may not, and nothing of another user', async () => {
    const { warden, watch, raw } = await open();
    const admin = warden.scope(ADMIN, 'alice');
    await fill(admin, 10_000);
    await fill(admin, 7, 'sensitive');
    for (const userId of ['alice2', 'alic', 'bob', 'Alice']) await fill(warden.scope(ADMIN, userId), 10);
    watch.calls.length = 0;
    let largest = 0;
    watch.answer = ({ method }, result) => {
      if (method === 'find') largest = Math.max(largest, (result as MemoryRecord[]).length);
      return result;
    };
    const agent = warden.scope(agentOf('alice'), 'alice');
    expect(await agent.deleteAll()).toBe(10_000);
    expect(largest).toBe(1_000);
    for (const { method, args } of watch.calls)
      if (method === 'remove') expect((args[1] as unknown[]).length).toBeLessThanOrEqual(1_000);
    expect(await agent.count()).toBe(0);
    expect(await admin.count()).toBe(7);
    for (const userId of ['alice2', 'alic', 'bob', 'Alice']) expect(await warden.scope(ADMIN, userId).count()).toBe(10);
    expect(await raw.memories()).toHaveLength(47);
    expect(await agent.deleteAll()).toBe(0);
  }, 300_000);

  test('G9: deleteMany deletes what its filter selects, of what may be read and deleted', async () => {
    const { warden } = await open();
    const admin = warden.scope(ADMIN, 'alice');
    await admin.addMany([
      { content: 'Tea at four', category: 'plan', level: 'public' },
      { content: 'tea again', category: 'plan', level: 'sensitive' },
      { content: 'coffee', category: 'plan' },
      { content: 'tea', category: 'other', sessionId: 's' },
    ]);
    const agent = warden.scope(agentOf('alice'), 'alice');
    expect(await agent.deleteMany({ keyword: 'TEA', category: 'plan' })).toBe(1);
    expect(await agent.deleteMany({ sessionId: 's' })).toBe(1);
    expect(await agent.deleteMany({ level: ['public', 'private', 'sensitive'] })).toBe(1);
    expect((await admin.list()).memories.map((one) => one.content)).toEqual(['tea again']);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ category: undefined }],
    [{ category: undefined, level: undefined, from: undefined, keyword: undefined }],
    [Object.create(null)],
  ])('G9: deleteMany(%p) is an error, and deletes nothing', async (filter) => {
    const { warden, watch } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('x');
    watch.calls.length = 0;
    expect(await outcome(() => memory.deleteMany(filter as never))).toBe('empty_filter');
    expect(watch.calls).toEqual([]);
    expect(await memory.count()).toBe(1);
  });

  test.each([
    [{ user_id: 'bob' }],
    [{ limit: 1 }],
    [{ cursor: 'x' }],
    [[]],
    ['all'],
    [true],
    [{ category: '' }],
    [{ level: [] }],
    [{ keyword: '' }],
    [{ $or: [{}] }],
  ])('G9: deleteMany(%j) is an error, and deletes nothing', async (filter) => {
    const { warden } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    await memory.add('x');
    expect(await outcome(() => memory.deleteMany(filter as never))).toBe('invalid_argument');
    expect(await memory.count()).toBe(1);
  });

  test.each([[{ category: 'x' }], [{}], [undefined], [null], ['alice']])(
    'G9: deleteAll(%j) is an error: it takes no argument',
    async (argument) => {
      const { warden, watch } = await open();
      const memory = warden.scope(ADMIN, 'alice');
      await memory.add('x');
      watch.calls.length = 0;
      expect(
        await outcome(() => (memory.deleteAll as (argument: unknown) => Promise<number>).call(memory, argument)),
      ).toBe('invalid_argument');
      expect(watch.calls).toEqual([]);
      expect(await memory.count()).toBe(1);
    },
  );
});

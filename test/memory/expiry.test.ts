import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome } from '../support/warden.js';

const HOUR = 3_600_000;

describeOnEachStore('expiry', (open) => {
  test.each([
    ['an agent', agentOf('alice')],
    ['an admin', ADMIN],
  ])('G25: to %s an expired memory is unreadable 0 ms after its expiry, by every method', async (_, principal) => {
    const clock = handClock();
    const { warden, watch } = await open({ clock });
    const memory = warden.scope(principal, 'alice');
    const { id } = await memory.add('text', { ttl: 1_000, category: 'c' });
    const reads = async () => [
      await memory.get(id),
      (await memory.list()).memories.length,
      (await memory.list({ keyword: 'text' })).memories.length,
      (await memory.getAll().next()).value,
      await memory.count(),
      await memory.count({ keyword: 'text' }),
      await outcome(() => memory.history(id)),
      await outcome(() => memory.explain(id)),
    ];
    clock.forward(999);
    expect(await reads()).toEqual([
      expect.any(Object),
      1,
      1,
      expect.any(Object),
      1,
      1,
      expect.any(Array),
      expect.any(Object),
    ]);
    clock.forward(1);
    expect(await reads()).toEqual([null, 0, 0, undefined, 0, 0, 'not_found', 'not_found']);
    expect(await outcome(() => memory.update(id, { expiresAt: null }))).toBe('not_found');
    expect(await outcome(() => memory.update(id, { content: 'x' }))).toBe('not_found');
    expect(await outcome(() => memory.delete(id))).toBe('not_found');
    expect(await memory.deleteMany({ category: 'c' })).toBe(0);
    expect(await memory.deleteAll()).toBe(0);
    // It is not merely held back after the query: no query lets it through.
    expect(warden.alarmCount('decision_disagrees')).toBe(0);
    expect(watch.calls.filter((call) => call.method === 'remove')).toEqual([]);
  });

  test('expiresAt and ttl say the same; a date, an ISO text and an update with either', async () => {
    const { warden } = await open({ clock: handClock() });
    const memory = warden.scope(agentOf('alice'), 'alice');
    const at = new Date('2026-03-01T13:00:00.000Z');
    for (const options of [
      { ttl: HOUR },
      { expiresAt: at },
      { expiresAt: at.toISOString() },
      { expiresAt: '2026-03-01T14:00:00+01:00' },
    ]) {
      expect((await memory.add('x', options)).expiresAt).toEqual(at);
      const { id } = await memory.add('y');
      expect((await memory.update(id, options)).expiresAt).toEqual(at);
    }
  });

  test.each([
    { ttl: 0 },
    { ttl: -1 },
    { ttl: 1.5 },
    { ttl: NaN },
    { ttl: Infinity },
    { ttl: '5' },
    { expiresAt: '2026-03-01T12:00:00.000Z' },
    { expiresAt: '2020-01-01' },
    { expiresAt: new Date(NaN) },
    { expiresAt: 'tomorrow' },
    { ttl: 5, expiresAt: '2027-01-01' },
    { ttl: 9e15 },
  ])('an expiry of %j is an error, on add and on update', async (options) => {
    const { warden } = await open({ clock: handClock() });
    const memory = warden.scope(agentOf('alice'), 'alice');
    expect(await outcome(() => memory.add('x', options as never))).toBe('invalid_argument');
    const { id } = await memory.add('y');
    expect(await outcome(() => memory.update(id, options as never))).toBe('invalid_argument');
    expect(await memory.count()).toBe(1);
  });

  test('a new memory takes the default time to live of its level, and a given expiry wins', async () => {
    const { warden } = await open({ clock: handClock(), defaultTtlMs: { sensitive: HOUR, public: 2 * HOUR } });
    const memory = warden.scope(ADMIN, 'alice');
    expect((await memory.add('x', { level: 'sensitive' })).expiresAt).toEqual(new Date('2026-03-01T13:00:00.000Z'));
    expect((await memory.add('x', { level: 'public' })).expiresAt).toEqual(new Date('2026-03-01T14:00:00.000Z'));
    expect((await memory.add('x', { level: 'private' })).expiresAt).toBeUndefined();
    expect((await memory.add('x', { level: 'sensitive', ttl: 1 })).expiresAt).toEqual(
      new Date('2026-03-01T12:00:00.001Z'),
    );
  });

  test('G25: purge deletes what has expired with its history, in batches, of every partition, and leaves the rest', async () => {
    const clock = handClock();
    const { warden, raw } = await open({ clock });
    for (const userId of ['alice', 'bob', 'carol']) {
      const memory = warden.scope(ADMIN, userId);
      const many = userId === 'alice' ? 1_000 : 3;
      await memory.addMany(Array.from({ length: many }, (_, i) => ({ content: `due ${i}`, ttl: 1_000 })));
      if (userId === 'alice')
        await memory.addMany(Array.from({ length: 200 }, (_, i) => ({ content: `due too ${i}`, ttl: 1_000 })));
      const { id } = await memory.add('kept');
      await memory.update(id, { content: 'kept still' });
      await memory.add('later', { ttl: HOUR });
      const due = (await memory.list({ limit: 1, keyword: 'due' })).memories[0]!;
      await memory.update(due.id, { category: 'changed' });
      const gone = await memory.add('deleted before', { ttl: 1_000 });
      await memory.delete(gone.id);
    }
    expect(await warden.purge()).toMatchObject({ deleted: 0, partitions: 0 });
    clock.forward(1_000);
    const progress: number[] = [];
    expect(await warden.purge((deleted) => void progress.push(deleted))).toMatchObject({
      deleted: 1_206,
      partitions: 3,
    });
    expect(progress.length).toBeGreaterThan(4);
    expect(progress.every((count, i) => count - (progress[i - 1] ?? 0) <= 500)).toBe(true);
    expect((await raw.memories()).map((record) => record['user_id']).sort()).toEqual([
      'alice',
      'alice',
      'bob',
      'bob',
      'carol',
      'carol',
    ]);
    // The one state of `kept` in each partition; none of what expired, though it had been changed or deleted.
    expect(await raw.states()).toHaveLength(3);
    for (const userId of ['alice', 'bob', 'carol']) expect(await warden.scope(ADMIN, userId).count()).toBe(2);
    expect(await warden.purge()).toMatchObject({ deleted: 0, partitions: 0 });
    clock.forward(HOUR);
    expect(await warden.purge()).toMatchObject({ deleted: 3 });
    expect(await raw.memories()).toHaveLength(3);
  }, 120_000);
});

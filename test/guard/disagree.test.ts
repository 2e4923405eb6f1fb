import { expect, test } from '@jest/globals';
import type { MemoryRecord } from '../../src/model/fields.js';
import { clearKeys } from '../support/clear-sealer.js';
import { Guard } from '../../src/guard/guard.js';
import { DEFAULT_TENANT } from '../../src/model/tenant.js';
import { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { Alarms, type Alarm } from '../../src/metrics/alarms.js';
import type { PartitionSealer, Sealer } from '../../src/model/sealer.js';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { loadPolicyFolder } from '../../src/policy/load.js';
import { soundRecord } from '../support/raw.js';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, outcome, type Opened } from '../support/warden.js';

// What a store that is wrong could let through: each breaks one part of the condition that the query carried.
const WRONG: Readonly<Record<string, Partial<Record<keyof MemoryRecord, unknown>>>> = {
  'a level above the plan': { sensitivity: 'sensitive' },
  'another owner': { user_id: 'bob' },
  'another tenant': { tenant: 'other' },
  'an expiry that is past': { expires_at: new Date(0) },
  'an expiry that is no date': { expires_at: 'never' },
  'a level in another case': { sensitivity: 'Public' },
  'an owner that is a list': { user_id: ['alice', 'bob'] },
  'a category that is null': { category: null },
};

describeOnEachStore('where the query and the decision disagree', (open) => {
  async function lying(change: object) {
    const alarms: Alarm[] = [];
    const opened = await open({ clear: true, onAlarm: (alarm) => void alarms.push(alarm) });
    const memory = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('text');
    const other = await memory.add('other');
    const lie = (record: MemoryRecord) => (record.id === id ? { ...record, ...change } : record);
    opened.watch.answer = ({ method }, result) => {
      if (method === 'findOne') return result && lie(result as MemoryRecord);
      if (method === 'find') return (result as MemoryRecord[]).map(lie);
      return result;
    };
    return { ...opened, alarms, memory, id, other };
  }

  test.each(Object.keys(WRONG))(
    'the decision drops a record with %s and raises the alarm, by every way',
    async (name) => {
      const { memory, id, other, alarms, warden, watch } = await lying(WRONG[name]!);
      const acts: readonly [() => Promise<unknown>, unknown][] = [
        [() => memory.get(id), null],
        [() => memory.list(), { memories: [other] }],
        [() => memory.count({ keyword: 'text' }), 0],
        [() => memory.history(id), 'not_found'],
        [() => memory.explain(id), 'not_found'],
        [() => memory.update(id, { content: 'x' }), 'not_found'],
        [() => memory.delete(id), 'not_found'],
        [() => memory.deleteAll(), 1],
      ];
      for (const [i, [act, answer]] of acts.entries()) {
        expect([i, await outcome(act)]).toEqual([i, answer]);
        expect(alarms).toHaveLength(i + 1);
        expect(alarms[i]).toMatchObject({ name: 'decision_disagrees', detail: { id } });
      }
      expect(JSON.stringify(alarms)).not.toContain('text');
      expect(warden.alarmCount('decision_disagrees')).toBe(acts.length);
      watch.answer = undefined;
      expect(await memory.get(id)).toMatchObject({ content: 'text', version: 1 });
    },
  );

  test('a listener that throws harms nobody', async () => {
    const { warden, watch } = await open({
      clear: true,
      onAlarm: () => {
        throw new Error('listener');
      },
    });
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('text');
    watch.answer = ({ method }, result) =>
      method === 'findOne' ? { ...(result as object), sensitivity: 'sensitive' } : result;
    expect(await memory.get(id)).toBeNull();
    expect(warden.alarmCount('decision_disagrees')).toBe(1);
  });

  test('a list of users drops whom the decision refuses and raises the alarm', async () => {
    const { warden, watch } = await open({ clear: true });
    await warden.scope(ADMIN, 'alice').add('text');
    watch.answer = ({ method }, result) =>
      method === 'findUsers' ? [...(result as object[]), { userId: 'bad\u0000id', createdAt: new Date() }] : result;
    expect((await warden.users(ADMIN)).users.map((user) => user.userId)).toEqual(['alice']);
    expect(warden.alarmCount('decision_disagrees')).toBe(1);
  });
});

describeOnEachStore('a record that no query refuses and this code cannot use', (open) => {
  test.each([
    ['a version that is none', { version: 0.5 }],
    ['a time of creation that is none', { created_at: 'yesterday' }],
    ['a time of change that is none', { updated_at: [new Date(0)] }],
    ['content that is no text', { content: 5 }],
  ])('counts as absent with %s, and raises the alarm', async (_, wrong) => {
    const { warden, raw } = await open({ clear: true });
    await raw.plant('alice', soundRecord('alice', ABSENT, wrong));
    const sound = await warden.scope(ADMIN, 'alice').add('text');
    const memory = warden.scope(ADMIN, 'alice');
    expect(await memory.get(ABSENT)).toBeNull();
    expect((await memory.list()).memories).toEqual([sound]);
    expect(warden.alarmCount('malformed_record')).toBe(2);
  });
});

describeOnEachStore('where the MAC of a record fails', (open) => {
  async function withSealer({ driver }: Opened, sealer: Sealer) {
    const alarms = new Alarms();
    const clock = () => new Date();
    const load = () => loadPolicyFolder(PACKAGED_POLICIES);
    const policy = await PolicyEngine.start({ load, clock, alarms, maxStaleMs: 0, cacheSize: 10 });
    const cursorKeys = {
      current: () => driver.service.currentKey('cursor'),
      byId: (id: string) => driver.service.keyById(id),
    };
    const guard = new Guard({
      tenant: DEFAULT_TENANT,
      policy,
      alarms,
      store: driver.planned,
      sealer,
      auditor: { record: () => undefined },
      clock,
      cursorKeys,
      defaultTtlMs: {},
    });
    return { alarms, memory: new ScopedMemory(guard, guard.access(agentOf('alice'), 'alice'), clock) };
  }

  // What a sealer answers at once, what it promises, and what another realm or library promises.
  const WAYS: Readonly<Record<string, <T>(value: T) => T | Promise<T>>> = {
    'at once': (value) => value,
    'by a promise': (value) => Promise.resolve(value),
    'by a promise of another realm': (value) => ({ then: (done: (value: unknown) => void) => done(value) }) as never,
  };

  test.each(Object.keys(WAYS))(
    'S19: told %s, it counts as absent by every way, is never opened, and raises the alarm',
    async (way) => {
      const told = WAYS[way]!;
      const opened = await open({ clear: true });
      const memory = opened.warden.scope(agentOf('alice'), 'alice');
      const { id } = await memory.add('forged');
      const sound = await memory.add('sound');
      const openedIds: string[] = [];
      const keys: PartitionSealer = {
        ...clearKeys,
        verify: (record) => told(record.id !== id),
        open: (record, fields) => (openedIds.push(record.id), clearKeys.open(record, fields)),
      };
      const sealer: Sealer = { reading: (_, work) => work(keys), writing: (_, __, work) => work(keys) };
      const { alarms, memory: checked } = await withSealer(opened, sealer);
      expect(await checked.get(id)).toBeNull();
      expect((await checked.list()).memories).toEqual([sound]);
      expect(await checked.count({ keyword: 'o' })).toBe(1);
      for (const act of [
        () => checked.update(id, { content: 'x' }),
        () => checked.delete(id),
        () => checked.history(id),
        () => checked.explain(id),
      ]) {
        expect(await outcome(act)).toBe('not_found');
      }
      expect(await checked.deleteAll()).toBe(1);
      expect(alarms.count('malformed_record')).toBe(8);
      expect(alarms.count('decision_disagrees')).toBe(0);
      expect(openedIds).not.toContain(id);
      expect(await memory.get(id)).toMatchObject({ content: 'forged' });
    },
  );
});

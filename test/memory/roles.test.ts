import { describe, expect, test } from '@jest/globals';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { ActionOf } from '../../src/model/actions.js';
import { LEVELS, type Level } from '../../src/model/levels.js';
import type { Principal } from '../../src/model/principal.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { loadPolicyFolder } from '../../src/policy/load.js';
import { soundRecord } from '../support/raw.js';
import {
  ADMIN,
  agentOf,
  describeOnEachStore,
  EXPORT,
  handClock,
  outcome,
  ownerOf,
  policyFolder,
} from '../support/warden.js';

type Action = ActionOf<'Memory'>;
const ACTIONS: readonly Action[] = ['create', 'read', 'update', 'reclassify', 'delete', 'share', 'export', 'explain'];
const HOUR = 3_600_000;

// The table of DESIGN.md and policies/examples/owner.yaml, written out: the levels at which each role may do what in
// its own partition and in that of another user.
const ALL = LEVELS;
const LOW: readonly Level[] = ['public', 'private'];
const NO: readonly Level[] = [];
type Row = Readonly<Record<Action, readonly Level[]>>;
const everything: Row = {
  create: ALL,
  read: ALL,
  update: ALL,
  reclassify: ALL,
  delete: ALL,
  share: ALL,
  export: ALL,
  explain: ALL,
};
const nothing: Row = {
  create: NO,
  read: NO,
  update: NO,
  reclassify: NO,
  delete: NO,
  share: NO,
  export: NO,
  explain: NO,
};
const publicOut: Row = { ...nothing, read: ['public'], export: ['public'] };
const MATRIX: Readonly<Record<string, { principal: Principal; own: Row; foreign: Row }>> = {
  agent: {
    principal: agentOf('alice'),
    own: { ...nothing, create: ALL, read: LOW, update: LOW, delete: LOW, explain: LOW },
    foreign: nothing,
  },
  admin: { principal: ADMIN, own: everything, foreign: everything },
  export: { principal: EXPORT, own: publicOut, foreign: publicOut },
  owner: {
    principal: ownerOf('alice'),
    own: { ...nothing, create: ALL, read: ALL, update: ALL, delete: ALL, share: ALL, export: ALL, explain: ALL },
    foreign: nothing,
  },
};
const CELLS = Object.keys(MATRIX).flatMap((role) =>
  (['own', 'foreign'] as const).map((place) => [role, place] as const),
);

// The acts of the library by the action that they need; each resolves only if it was done.
const ACTS: Partial<Record<Action, (memory: ScopedMemory, id: string, level: Level) => Promise<unknown>>> = {
  create: (memory, _, level) => memory.add('new', { level }),
  read: (memory, id) => memory.get(id),
  update: (memory, id) => memory.update(id, { content: 'changed' }),
  reclassify: (memory, id) => memory.update(id, { expiresAt: '2027-01-01' }),
  delete: async (memory, id) => (await memory.delete(id), true),
  explain: (memory, id) => memory.explain(id),
};

/** What a refused act ends in: `forbidden` where nothing stored could allow it, else as if it were absent. */
function refusal(row: Row, action: Action): unknown {
  const needed = action === 'reclassify' ? row.update : row[action];
  const possible = needed.length > 0 && (action === 'create' || row.read.length > 0);
  return possible ? (action === 'read' ? null : 'not_found') : 'forbidden';
}

describeOnEachStore('the role matrix', (open) => {
  test.each(CELLS)('G5: %s in %s partition: each action at each level, live and expired', async (role, place) => {
    const clock = handClock();
    const { warden } = await open({ clock, policies: await policyFolder() });
    const { principal, [place]: row } = MATRIX[role]!;
    const userId = place === 'own' ? 'alice' : 'bob';
    const memory = warden.scope(principal, userId);
    const admin = warden.scope(ADMIN, userId);
    let cells = 0;
    for (const level of LEVELS) {
      for (const action of Object.keys(ACTS) as Action[]) {
        const { id: live } = await admin.add('live', { level, ttl: 10 * HOUR });
        const { id: expired } = await admin.add('expired', { level, ttl: 1 });
        clock.forward(1);
        const done = await outcome(() => ACTS[action]!(memory, live, level));
        const cell = `${action} ${level}`;
        if (row[action].includes(level))
          expect([cell, done]).toEqual([cell, action === 'delete' ? true : expect.any(Object)]);
        else expect([cell, done]).toEqual([cell, refusal(row, action)]);
        if (action !== 'create') {
          expect([cell, await outcome(() => ACTS[action]!(memory, expired, level))]).toEqual([
            cell,
            refusal(row, action),
          ]);
        }
        cells += 2;
      }
    }
    expect(cells).toBe(LEVELS.length * 6 * 2);
  });

  test.each(CELLS)(
    'G5: %s in %s partition lists, counts and looks back on exactly what it may read',
    async (role, place) => {
      const clock = handClock();
      const { warden } = await open({ clock, policies: await policyFolder() });
      const { principal, [place]: row } = MATRIX[role]!;
      const userId = place === 'own' ? 'alice' : 'bob';
      for (const level of LEVELS) {
        await warden.scope(ADMIN, userId).add(level, { level });
        await warden.scope(ADMIN, userId).add(`expired ${level}`, { level, ttl: 1 });
      }
      clock.forward(1);
      const memory = warden.scope(principal, userId);
      if (row.read.length === 0) {
        for (const call of [() => memory.list(), () => memory.count(), () => memory.getAll().next()])
          expect(await outcome(call)).toBe('forbidden');
        return;
      }
      const contents = async (list: Promise<{ memories: readonly { content?: string }[] }>) =>
        (await list).memories.map((one) => one.content).sort();
      expect(await contents(memory.list())).toEqual([...row.read].sort());
      expect(await memory.count()).toBe(row.read.length);
      for (const level of LEVELS) {
        const wanted = row.read.includes(level) ? 1 : 0;
        expect(await memory.count({ level })).toBe(wanted);
        expect(await memory.count({ keyword: level })).toBe(wanted);
        expect(await contents(memory.list({ keyword: level }))).toEqual(wanted ? [level] : []);
      }
      let all = 0;
      for await (const one of memory.getAll()) all += (await memory.history(one.id)).length;
      expect(all).toBe(row.read.length);
    },
  );

  test('G5: users are listed by admin and export, never by agent and owner', async () => {
    const { warden } = await open({ policies: await policyFolder() });
    for (const userId of ['bob', 'alice']) await warden.scope(ADMIN, userId).add('hello');
    for (const principal of [ADMIN, EXPORT]) {
      expect((await warden.users(principal)).users.map((user) => user.userId)).toEqual(['alice', 'bob']);
    }
    for (const principal of [agentOf('alice'), ownerOf('alice')])
      expect(await outcome(() => warden.users(principal))).toBe('forbidden');
  });

  test('an agent without userId may nothing, for its rules name one', async () => {
    const { warden, watch } = await open();
    const memory = warden.scope({ id: 'bot', role: 'agent' }, 'alice');
    for (const call of [() => memory.add('x'), () => memory.list(), () => memory.deleteAll()])
      expect(await outcome(call)).toBe('forbidden');
    expect(watch.calls).toEqual([]);
  });
});

describe('the role matrix of the policies', () => {
  test.each(CELLS)(
    'G5: %s in %s partition: the decision on each action and level, those without an act of the library too',
    async (role, place) => {
      const load = async () => loadPolicyFolder(await policyFolder());
      const engine = await PolicyEngine.start({
        load,
        clock: handClock(),
        alarms: new Alarms(),
        maxStaleMs: 0,
        cacheSize: 1,
      });
      const { principal, [place]: row } = MATRIX[role]!;
      const binding = engine.bind(principal);
      for (const action of ACTIONS) {
        const allowed = LEVELS.filter((sensitivity) =>
          binding.decide(action, 'Memory', soundRecord(place === 'own' ? 'alice' : 'bob', 'x', { sensitivity })),
        );
        expect([action, allowed]).toEqual([action, row[action]]);
      }
    },
  );

  test('the packaged folder holds the three roles and not the examples', async () => {
    expect([...(await loadPolicyFolder(PACKAGED_POLICIES)).roles.keys()].sort()).toEqual(['admin', 'agent', 'export']);
  });
});

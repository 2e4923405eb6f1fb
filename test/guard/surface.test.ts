import { effectsOf, importerOf } from '../../src/internals.js';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { expect, test } from '@jest/globals';
import { Guard } from '../../src/guard/guard.js';
import { GUARD_SURFACE, STORE_SURFACE, type Kind } from '../../src/guard/surface.js';
import { insideOf } from '../../src/warden.js';
import { recordDraft } from '../../src/memory/import.js';
import { exportCut, exportHeld } from '../support/exporting.js';
import { describeOnEachStore, type Call } from '../support/warden.js';
import { ABSENT, ADMIN, outcome } from '../support/warden.js';

test('every public member of the guard is classified, and nothing else is', () => {
  const members = Reflect.ownKeys(Guard.prototype).filter((name) => name !== 'constructor');
  expect(members.map(String).sort()).toEqual(Object.keys(GUARD_SURFACE).sort());
  // Fields and statics would escape the prototype.
  expect(Reflect.ownKeys(new Guard({} as never))).toEqual([]);
  expect(Reflect.ownKeys(Guard).sort()).toEqual(['length', 'name', 'prototype']);
});

describeOnEachStore('the surface of the planned store', (open) => {
  test('every method of the driver is classified, and nothing else is', async () => {
    const { driver } = await open();
    expect(Object.keys(driver.planned).sort()).toEqual(Object.keys(STORE_SURFACE).sort());
  });

  test('invariant 6: every method that carries a plan refuses a query that the guard did not make, and one without its brand', async () => {
    const { driver } = await open();
    const partition = { tenant: 'default', userId: 'alice' };
    const forged = { partition, parts: [], tenant: 'default', records: [], atomic: true };
    for (const [method, kind] of Object.entries(STORE_SURFACE)) {
      if (kind !== 'planned' && kind !== 'decided_insert') continue;
      const call = (driver.planned as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!;
      for (const query of [forged, undefined, null, {}, 'all']) {
        expect([method, await outcome(() => call(query, method === 'findOne' ? ABSENT : [], []))]).toEqual([
          method,
          'internal',
        ]);
      }
    }
  });

  test('each member of the guard makes calls of its own class alone', async () => {
    const { warden, watch } = await open();
    const memory = warden.scope(ADMIN, 'alice');
    const { id } = await memory.add('hello');
    await warden.scope(ADMIN, 'carol').add('hello');
    const space = warden.space(ADMIN, 'team');
    await space.create({ onErase: 'keep' });
    const goOn = await exportCut(warden, 'carol');
    const acts: Readonly<Record<string, () => Promise<unknown>>> = {
      access: () => Promise.resolve(warden.scope(ADMIN, 'alice')),
      space: () => Promise.resolve(space.id),
      createSpace: () => warden.space(ADMIN, 'another').create({ onErase: 'keep' }),
      changeSpace: () => space.grant({ user: 'alice' }, 'read'),
      spaceList: () => space.members(),
      spaces: () => warden.spaces(ADMIN),
      accountOfSpace: () => warden.audit(ADMIN).reportSpace('team'),
      share: () => memory.share(ABSENT, 'team'),
      get: () => memory.get(ABSENT),
      list: () => memory.list(),
      count: () => memory.count(),
      search: () => memory.search('hello'),
      viewStatistics: () => Promise.resolve(warden.searchStatistics),
      dropViews: () => Promise.resolve(new Guard({} as never).dropViews()),
      create: () => memory.add('x'),
      importMany: () => importerOf(warden, ADMIN).store({ user: 'alice' }, [recordDraft({ content: 'x' }, new Date())]),
      update: () => memory.update(ABSENT, { content: 'x' }),
      remove: () => memory.delete(ABSENT),
      removeMany: () => memory.deleteMany({ category: 'none' }),
      history: () => memory.history(ABSENT),
      explainStored: () => memory.explain(ABSENT),
      explainRecord: () => memory.explain({ record: { id } }),
      users: () => warden.users(ADMIN),
      usersAmong: () => insideOf(warden).guard.usersAmong(ADMIN, ['alice']),
      export: () => exportHeld(warden),
      exportStands: goOn,
      authored: () => insideOf(warden).guard.authored(ADMIN, ['alice']),
      spaceWeight: () => insideOf(warden).guard.spaceWeight(insideOf(warden).guard.space(ADMIN, 'team')),
      exportHolds: () => {
        const { guard } = insideOf(warden);
        return guard.exportHolds(guard.access(ADMIN, 'alice'), { ids: [id], shown: '', by: [] });
      },
      classify: () => memory.classify({ dryRun: true }).next(),
      administer: () => warden.keys.status(ADMIN),
      countBoth: async () => (await effectsOf(warden, PACKAGED_POLICIES)).count(ADMIN, [() => ADMIN]),
      under: () => effectsOf(warden, PACKAGED_POLICIES),
    };
    expect(Object.keys(acts).sort()).toEqual(Object.keys(GUARD_SURFACE).sort());
    for (const [member, act] of Object.entries(acts)) {
      watch.calls.length = 0;
      await outcome(act);
      // The keys of cursors, and of the marks of exports, are no queries.
      const queries = watch.calls.filter(({ method }) => method !== 'currentKey' && method !== 'keyById');
      const kinds = new Set(queries.map(({ method }: Call) => STORE_SURFACE[method]));
      expect([member, [...kinds].sort()]).toEqual([member, EXPECTED[GUARD_SURFACE[member]!]]);
    }
  });
});

const EXPECTED: Readonly<Partial<Record<Kind, readonly Kind[]>>> = {
  planned: ['planned'],
  planned_with_look: ['look', 'planned'],
  planned_with_view: ['freshness', 'planned'],
  planned_until_settled: ['freshness', 'planned'],
  freshness: ['freshness'],
  decided_insert: ['decided_insert'],
  no_query: [],
};

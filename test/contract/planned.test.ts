import { expect, test } from '@jest/globals';
import { ALL } from '../../src/model/plan.js';
import { plannedInsert, plannedUserQuery, type PlannedStore } from '../../src/store/planned.js';
import { at, codeOf, everythingIn, namedIn, nextOf, recordOf, store, changeOf, targetsOf } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

type Method = keyof PlannedStore;
/** The methods that take no plan, and why they may. */
const WITHOUT_A_PLAN: readonly Method[] = ['look', 'revision'];

describeStores('A query that the guard did not make', (fixture) => {
  test('invariant 6: every method that takes a query refuses one that only looks like it', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const record = recordOf(partition, namedIn(partition)(1));
    await store(driver, [record]);
    const query = { ...everythingIn(partition) };
    const insert = { ...plannedInsert(partition, [recordOf(partition, namedIn(partition)(2))], false, 0) };
    const users = { ...plannedUserQuery(partition.tenant, ALL, []) };
    const { planned } = driver;
    const calls: Partial<Record<Method, () => Promise<unknown>>> = {
      findOne: () => planned.findOne(query, record.id),
      find: () => planned.find(query, 9),
      findByIds: () => planned.findByIds(query, [record.id]),
      count: () => planned.count(query),
      findStates: () => planned.findStates(query, record.id),
      insert: () => planned.insert(insert),
      replace: () => planned.replace(query, changeOf(record, nextOf(record)), 0),
      remove: () => planned.remove(query, targetsOf([record]), at(1), 0),
      findUsers: () => planned.findUsers(users, 9),
    };
    // A method that is added has to be put here.
    expect([...Object.keys(calls), ...WITHOUT_A_PLAN].sort()).toEqual(Object.keys(planned).sort());
    for (const [method, call] of Object.entries(calls)) {
      expect([method, await codeOf((async () => call())())]).toEqual([method, 'internal']);
    }
    expect(await planned.find(everythingIn(partition), 9)).toEqual([record]);
    expect(await planned.findStates(everythingIn(partition), record.id)).toEqual([]);
  });

  test('a query cannot be changed after the guard made it', () => {
    const query = everythingIn(freshPartition());
    expect(() => Object.assign(query, { partition: freshPartition() })).toThrow(TypeError);
  });
});

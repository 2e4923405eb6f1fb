import { expect, test } from '@jest/globals';
import { LIST_ID, listRecord } from '../../src/model/space-list.js';
import { SpaceLists } from '../../src/model/space-lists.js';
import { isSpace } from '../../src/model/space.js';
import type { Partition } from '../../src/model/partition.js';
import { at, changeOf, everythingIn, idsOf, namedIn, nextOf, recordOf, store, targetsOf } from './support/records.js';
import { describeStores, freshPartition, freshSpace, rawOf } from './support/stores.js';

describeStores('Memories of shared spaces', (fixture) => {
  const setUp = async (authors: readonly (string | undefined)[]) => {
    const { driver } = fixture();
    const space = freshSpace();
    const id = namedIn(space);
    const records = authors.map((author, n) =>
      recordOf(space, id(n), { occurred_at: at(n), ...(author === undefined ? {} : { author }) }),
    );
    await store(driver, records);
    return { driver, space, id, records };
  };

  test('they lie apart from those of users: none is in a table of theirs, nor in the list of users', async () => {
    const { driver, space } = await setUp(['a', 'b']);
    expect(await driver.planned.count(everythingIn(space))).toBe(2);
    expect(await rawOf(fixture().raw, space)).toEqual([]);
    const all = await driver.maintenance.partitions(undefined, 100_000);
    expect(all.filter(({ tenant }) => tenant === space.tenant)).toEqual([space]);
  });

  test('partitions are gone through once each, users first, page by page', async () => {
    const { driver, space } = await setUp(['a']);
    const user = freshPartition();
    await store(driver, [recordOf(user, namedIn(user)(1))]);
    const found: Partition[] = [];
    for (let after: Partition | undefined; ;) {
      const page = await driver.maintenance.partitions(after, 3);
      found.push(...page);
      after = page.at(-1);
      if (page.length < 3) break;
    }
    expect(new Set(found.map(({ tenant, userId }) => `${tenant}/${userId}`)).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining([user, space]));
    expect(found.findIndex(isSpace)).toBe(found.filter((one) => !isSpace(one)).length);
  });

  test('withdrawing takes what one author wrote, with its history, and raises the revision', async () => {
    const { driver, space, id, records } = await setUp(['a', 'b', 'a', undefined, 'a']);
    const { planned, maintenance } = driver;
    await planned.replace(everythingIn(space), changeOf(records[0]!, nextOf(records[0]!)), 0);
    await planned.replace(everythingIn(space), changeOf(records[1]!, nextOf(records[1]!)), 0);
    await planned.remove(everythingIn(space), targetsOf([records[2]!]), at(9), 0);
    const before = (await planned.revision(space)) ?? 0;
    let deleted = 0;
    for (let n = 0, done = false; !done; n += 1) {
      expect(n).toBeLessThan(9);
      const batch = await maintenance.withdraw(space, 'a', 1);
      deleted += batch.deleted;
      ({ done } = batch);
    }
    expect(deleted).toBe(2);
    expect(await planned.revision(space)).toBeGreaterThan(before);
    expect(idsOf(await planned.find(everythingIn(space), 9)).sort()).toEqual([id(1), id(3)].sort());
    for (const gone of [0, 2, 4]) expect(await planned.findStates(everythingIn(space), id(gone))).toEqual([]);
    expect(await planned.findStates(everythingIn(space), id(1))).toHaveLength(1);
    expect(await maintenance.withdraw(space, 'nobody', 10)).toEqual({ deleted: 0, done: true });
  });

  test('the access list is a sealed row of its space: sealed anew with the others, and swept with them', async () => {
    const { driver, space } = await setUp(['a']);
    const { maintenance, values } = driver;
    const lists = new SpaceLists(values);
    const record = { ...listRecord(space, at(1)), key_id: 'old', seal: Buffer.from([1, 2]), content: Buffer.from('x') };
    expect(await lists.insert(space, record)).toBe(true);
    expect(await lists.insert(space, record)).toBe(false);
    expect((await lists.get(space))?.record).toEqual(record);
    const rows = await maintenance.rowsNotUnder(space, 'new', 10);
    expect(rows.map(({ record: { id } }) => id)).toContain(LIST_ID);
    expect(await maintenance.countNotUnder(space, 'new')).toBe(2);
    const changes = rows.map((row) => ({ row, next: { ...row.record, key_id: 'new' } }));
    expect(await maintenance.reseal(space, changes)).toBe(2);
    expect((await lists.get(space))?.record.key_id).toBe('new');
    expect(await maintenance.reseal(space, changes)).toBe(0);
    expect(await maintenance.countNotUnder(space, 'new')).toBe(0);
    await maintenance.sweep(space, 10);
    expect(await lists.get(space)).toBeUndefined();
  });
});

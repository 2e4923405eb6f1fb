import { expect, test } from '@jest/globals';
import type { MemoryRecord } from '../../src/model/fields.js';
import type { Partition } from '../../src/model/partition.js';
import { plannedInsert } from '../../src/store/planned.js';
import { changeOf, codeOf, everythingIn, idsOf, namedIn, nextOf, recordOf } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

describeStores('Keys of an erased user', (fixture) => {
  const OLD = 5;
  const ERASED = 7;
  const NEW = 9;

  // What an erasure does, and a writer that stood still since before it.
  const erased = async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    const [oldKey, newKey] = [`old of ${partition.userId}`, `new of ${partition.userId}`];
    const before = recordOf(partition, id('before'), { key_id: oldKey });
    await driver.planned.insert(plannedInsert(partition, [before], true, OLD));
    await driver.maintenance.fence(partition, ERASED);
    await driver.maintenance.sweep(partition, 100);
    await driver.maintenance.bury([oldKey]);
    await driver.maintenance.forget(partition);
    const insert = (records: readonly MemoryRecord[], epoch: number, atomic = true) =>
      codeOf(driver.planned.insert(plannedInsert(partition, records, atomic, epoch)));
    return { driver, partition, id, oldKey, newKey, before, insert };
  };
  const isThere = async ({ tenant, userId }: Partition) => {
    const all = await fixture().driver.maintenance.partitions(undefined, 100_000);
    return all.some((one) => one.tenant === tenant && one.userId === userId);
  };

  test.each([true, false])(
    'S22: an insert under one lands nowhere and leaves no trace of the user (atomic: %s)',
    async (atomic) => {
      const { driver, partition, id, oldKey, insert } = await erased();
      const late = [1, 2].map((n) => recordOf(partition, id(n), { key_id: oldKey }));
      expect(await insert(late, OLD, atomic)).toBe('epoch_over');
      expect(await driver.maintenance.tally(partition)).toEqual({ memories: 0, states: 0 });
      expect(await isThere(partition)).toBe(false);
    },
  );

  test.each([2, 3, 6])('S22: of %i inserts under one that come at once none lands or leaves a trace', async (many) => {
    for (let round = 0; round < 5; round += 1) {
      const { driver, partition, id, oldKey, insert } = await erased();
      const late = Array.from({ length: many }, (_, n) =>
        insert([recordOf(partition, id(n), { key_id: oldKey })], OLD),
      );
      expect(await Promise.all(late)).toEqual(late.map(() => 'epoch_over'));
      expect(await driver.maintenance.tally(partition)).toEqual({ memories: 0, states: 0 });
      expect(await isThere(partition)).toBe(false);
    }
  });

  test('S22: nor does one of several when the user comes back among them, whose own stays', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { partition, id, oldKey, newKey, insert } = await erased();
      const late = (n: number) => insert([recordOf(partition, id(n), { key_id: oldKey })], OLD);
      const back = () => insert([recordOf(partition, id('back'), { key_id: newKey })], NEW);
      const came = await Promise.all([late(1), ...(round % 2 ? [late(2)] : []), back(), late(3), late(4)]);
      expect(new Set(came)).toEqual(new Set(['epoch_over', undefined]));
      expect(idsOf(await fixture().driver.planned.find(everythingIn(partition), 9))).toEqual([id('back')]);
      expect(await isThere(partition)).toBe(true);
    }
  });

  test('S22: a change or a deletion under one finds nothing and leaves no trace of the user', async () => {
    const { driver, partition, before } = await erased();
    const query = everythingIn(partition);
    const change = driver.planned.replace(query, changeOf(before, nextOf(before)), OLD);
    expect(await change.catch((error: { code?: string }) => error.code)).not.toBe(true);
    const target = { id: before.id, version: 1, last: { key_id: before.key_id! } };
    const removal = driver.planned.remove(query, [target], new Date(), OLD);
    expect(await removal.catch((error: { code?: string }) => error.code)).not.toBe(1);
    expect(await driver.maintenance.tally(partition)).toEqual({ memories: 0, states: 0 });
    expect(await isThere(partition)).toBe(false);
  });

  test('S22: nor does it land on what the user put who came back', async () => {
    const { driver, partition, id, oldKey, newKey, insert } = await erased();
    expect(await insert([recordOf(partition, id('back'), { key_id: newKey })], NEW)).toBe(undefined);
    expect(await insert([recordOf(partition, id('late'), { key_id: oldKey })], OLD)).toBe('epoch_over');
    expect(idsOf(await driver.planned.find(everythingIn(partition), 9))).toEqual([id('back')]);
  });

  test('S22: when both come at once, what the living key put stays', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { driver, partition, id, oldKey, newKey, insert } = await erased();
      const late = insert([recordOf(partition, id('late'), { key_id: oldKey })], OLD);
      const back = insert([recordOf(partition, id('back'), { key_id: newKey })], NEW);
      expect(await Promise.all([late, back])).toEqual(['epoch_over', undefined]);
      expect(idsOf(await driver.planned.find(everythingIn(partition), 9))).toEqual([id('back')]);
      expect(await isThere(partition)).toBe(true);
    }
  });
});

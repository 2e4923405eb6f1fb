import { expect, test } from '@jest/globals';
import type { MemoryRecord } from '../../src/model/fields.js';
import type { Partition } from '../../src/model/partition.js';
import { at, everythingIn, idsOf, namedIn, recordOf, store } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

describeStores('Walking over the memories of a partition', (fixture) => {
  const setUp = async (count: number) => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    const records = Array.from({ length: count }, (_, n) =>
      recordOf(partition, id(n), { occurred_at: at(n % 3), expires_at: at(90), metadata: '{}' }),
    );
    await store(driver, records);
    return { driver, maintenance: driver.maintenance, partition, id, records };
  };
  const everyRecord = async (partition: Partition, limit: number) => {
    const found: MemoryRecord[] = [];
    for (let last: MemoryRecord | undefined; ;) {
      const some = await fixture().driver.maintenance.memories(partition, last, limit);
      expect(some.length).toBeLessThanOrEqual(limit);
      found.push(...some);
      last = some.at(-1);
      if (!last) return found;
    }
  };

  test('S16: the records of one partition are walked once each, whatever the length of a step', async () => {
    const { partition, records } = await setUp(11);
    await setUp(3);
    for (const limit of [1, 2, 4, 11, 100]) {
      const found = await everyRecord(partition, limit);
      expect(idsOf(found).sort()).toEqual(idsOf(records).sort());
      expect(found.every((record) => record.user_id === partition.userId)).toBe(true);
    }
    const one = (await everyRecord(partition, 5)).find(({ id }) => id === records[0]?.id);
    expect(one).toEqual(records[0]);
  });

  test('the estimate of all memories is near', async () => {
    const { maintenance } = await setUp(2);
    expect(await maintenance.estimate()).toBeGreaterThanOrEqual(2);
  });

  test('S18: touching a partition raises its revision, and changes nothing of its records', async () => {
    const { driver, maintenance, partition, records } = await setUp(2);
    const before = (await driver.planned.revision(partition)) ?? 0;
    await maintenance.touch(partition);
    expect(await driver.planned.revision(partition)).toBe(before + 1);
    const found = await driver.planned.find(everythingIn(partition), 10);
    expect(found).toEqual(expect.arrayContaining(records));
    const due = await maintenance.partitionsToPurge(at(90), 10_000);
    expect(due.filter(({ userId }) => userId === partition.userId)).toEqual([partition]);
    const nobody = freshPartition();
    await maintenance.touch(nobody);
    expect(await driver.planned.revision(nobody)).toBe(0);
  });
});

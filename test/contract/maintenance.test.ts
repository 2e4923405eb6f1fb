import { expect, test } from '@jest/globals';
import { at, everythingIn, idsOf, namedIn, nextOf, recordOf, store, changeOf, targetsOf } from './support/records.js';
import { describeStores, freshPartition, rawOf } from './support/stores.js';

// Other partitions of the store expire too, so that what is due is asked with room for all of them.
const MANY = 10_000;

describeStores('Purging expired memories', (fixture) => {
  const due = async (now: Date, { tenant }: { tenant: string }) => {
    const all = await fixture().driver.maintenance.partitionsToPurge(now, MANY);
    return all.filter((partition) => partition.tenant === tenant);
  };

  const setUp = async (expiries: readonly (number | undefined)[]) => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    const records = expiries.map((minute, n) =>
      recordOf(partition, id(n), { occurred_at: at(n), ...(minute === undefined ? {} : { expires_at: at(minute) }) }),
    );
    await store(driver, records);
    return { driver, partition, id, records };
  };

  test('G25: a partition is due from the moment of its first expiry, and until it is purged', async () => {
    const { driver, partition } = await setUp([30, 10, undefined, 20]);
    expect(await due(new Date(at(10).getTime() - 1), partition)).toEqual([]);
    expect(await due(at(10), partition)).toEqual([partition]);
    expect(await driver.maintenance.purge(partition, at(15), 100)).toEqual({ deleted: 1, done: true });
    expect(await due(at(15), partition)).toEqual([]);
    expect(await due(at(20), partition)).toEqual([partition]);
    expect(await driver.maintenance.purge(partition, at(99), 100)).toEqual({ deleted: 2, done: true });
    expect(await due(new Date('9999-01-01'), partition)).toEqual([]);
  });

  test('what is due is listed within the limit', async () => {
    await setUp([1]);
    await setUp([1]);
    expect(await fixture().driver.maintenance.partitionsToPurge(at(1), 1)).toHaveLength(1);
  });

  test('a purge takes what has expired with its history, in batches, and nothing else', async () => {
    const { driver, partition, id, records } = await setUp([1, 2, 3, undefined, 50]);
    await driver.planned.replace(everythingIn(partition), changeOf(records[0]!, nextOf(records[0]!)), 0);
    await driver.planned.replace(everythingIn(partition), changeOf(records[4]!, nextOf(records[4]!)), 0);
    const before = (await driver.planned.revision(partition)) ?? 0;
    const batches = [];
    for (let done = false; !done;) {
      const batch = await driver.maintenance.purge(partition, at(3), 2);
      batches.push(batch.deleted);
      done = batch.done;
    }
    expect(batches.reduce((sum, count) => sum + count)).toBe(3);
    expect(Math.max(...batches)).toBe(2);
    expect(await driver.planned.count(everythingIn(partition))).toBe(2);
    expect(await driver.planned.findStates(everythingIn(partition), id(0))).toEqual([]);
    expect(await driver.planned.findStates(everythingIn(partition), id(4))).toHaveLength(1);
    expect(await driver.planned.revision(partition)).toBeGreaterThan(before);
    const raw = JSON.stringify(await rawOf(fixture().raw, partition));
    for (const n of [0, 1, 2]) expect(raw).not.toContain(`${id(n)}`);
  });

  test('S11: the history of a deleted memory goes when that memory would have expired', async () => {
    const { driver, partition, id, records } = await setUp([5, 6, 7]);
    expect(await driver.planned.remove(everythingIn(partition), targetsOf(records), at(1), 0)).toBe(3);
    expect(await driver.planned.findStates(everythingIn(partition), id(0))).toHaveLength(1);
    expect(await due(at(4), partition)).toEqual([]);
    expect(await due(at(5), partition)).toEqual([partition]);
    for (let n = 0, done = false; !done; n += 1) {
      expect(n).toBeLessThan(9);
      ({ done } = await driver.maintenance.purge(partition, at(9), 1));
    }
    expect(await rawOf(fixture().raw, partition)).toEqual([]);
    expect(await due(at(99), partition)).toEqual([]);
  });

  test('a memory whose expiry moved later is left, and due later', async () => {
    const { driver, partition, records } = await setUp([5]);
    const later = nextOf(records[0]!, { expires_at: at(8) });
    await driver.planned.replace(everythingIn(partition), changeOf(records[0]!, later), 0);
    expect(await driver.maintenance.purge(partition, at(6), 9)).toEqual({ deleted: 0, done: true });
    expect(idsOf(await driver.planned.find(everythingIn(partition), 9))).toEqual([later.id]);
    expect(await due(at(6), partition)).toEqual([]);
    expect(await due(at(8), partition)).toEqual([partition]);
  });

  test('a malformed expiry neither ends a purge nor hides the next one', async () => {
    const { raw, driver } = fixture();
    const partition = { tenant: 'default', userId: freshPartition().userId };
    const id = namedIn(partition);
    await store(driver, [
      recordOf(partition, id(1), { expires_at: at(5) }),
      recordOf(partition, id(2), { expires_at: at(7) }),
    ]);
    const odd = { ...recordOf(partition, id('odd')), expires_at: 'never' };
    await raw.plant(partition.userId, odd as unknown as Record<string, unknown>);
    expect(await driver.maintenance.purge(partition, at(6), 9)).toEqual({ deleted: 1, done: true });
    const mine = async () => (await due(at(7), partition)).filter(({ userId }) => userId === partition.userId);
    expect(await mine()).toEqual([partition]);
  });

  test('nothing is to be repaired after writes that ended, and a repair of nothing changes nothing', async () => {
    const { driver, partition, records } = await setUp([undefined, 9]);
    const soon = new Date(Date.now() + 60_000);
    const lapsed = await driver.maintenance.partitionsToRepair(soon, MANY);
    expect(lapsed.filter(({ tenant }) => tenant === partition.tenant)).toEqual([]);
    await driver.maintenance.repair(partition, soon);
    expect(await driver.planned.find(everythingIn(partition), 9)).toEqual([...records].reverse());
  });
});

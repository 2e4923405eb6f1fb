import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import type { Partition } from '../../../src/model/partition.js';
import { plannedInsert } from '../../../src/store/planned.js';
import { changeOf, codeOf, everythingIn, idsOf, namedIn, nextOf, recordOf } from '../support/records.js';
import { describeMongo, freshPartition, storedName } from '../support/stores.js';

const OLD = 5;
const NEW = 9;

describeMongo('A partition that a late writer of an erased user made', (fixture) => {
  let client: MongoClient;
  beforeAll(async () => {
    const { place } = fixture();
    client = await new MongoClient(place.kind === 'mongodb' ? place.uri : '').connect();
  });
  afterAll(() => client.close());

  const rows = () => client.db().collection<Document & { _id: string }>('partitions');
  const rowOf = (partition: Partition) => rows().findOne({ user_id: storedName(partition) });
  // It opened its writer, and died before it looked for its key.
  const left = async ({ openedAt = new Date(0) } = {}) => {
    const { driver } = fixture();
    const partition = freshPartition();
    const { tenant, userId } = partition;
    const keyId = `old of ${userId}`;
    await driver.maintenance.bury([keyId]);
    const owner = storedName(partition);
    const row = { _id: `${tenant}/${owner}`, tenant, user_id: owner, revision: 1, created_at: openedAt };
    const writers = [{ token: 'of one who died', at: openedAt }];
    await rows().insertOne({ ...row, fence: OLD, unproven: true, writers }, { writeConcern: { w: 'majority' } });
    const id = namedIn(partition);
    const late = (n: number) =>
      codeOf(
        driver.planned.insert(plannedInsert(partition, [recordOf(partition, id(n), { key_id: keyId })], true, OLD)),
      );
    const back = recordOf(partition, id('back'), { key_id: `new of ${userId}` });
    const comeBack = () => codeOf(driver.planned.insert(plannedInsert(partition, [back], true, NEW)));
    const found = async () => idsOf(await driver.planned.find(everythingIn(partition), 9));
    return { driver, partition, id, keyId, late, comeBack, found };
  };

  test('S22: it lets no other late one in, alone or at once', async () => {
    const { partition, late, found } = await left();
    expect(await late(1)).toBe('epoch_over');
    expect(await Promise.all([late(2), late(3), late(4)])).toEqual(Array(3).fill('epoch_over'));
    expect(await found()).toEqual([]);
    expect((await rowOf(partition))?.['unproven']).toBe(true);
  });

  test('S22: it is proven by whoever comes back, and then keeps the late ones out by its fence', async () => {
    const { partition, late, comeBack, found } = await left();
    expect(await comeBack()).toBeUndefined();
    const row = await rowOf(partition);
    expect([row?.['unproven'], row?.['fence']]).toEqual([undefined, NEW]);
    expect([await late(1), ...(await Promise.all([late(2), late(3), late(4)]))]).toEqual(Array(4).fill('epoch_over'));
    expect(await found()).toEqual(['back'].map((name) => namedIn(partition)(name)));
  });

  test('S22: to who changes, deletes or purges it is not there', async () => {
    const { driver, partition, id, keyId } = await left();
    const query = everythingIn(partition);
    const gone = recordOf(partition, id('gone'), { key_id: keyId });
    expect(await driver.planned.replace(query, changeOf(gone, nextOf(gone)), OLD)).toBe(false);
    const target = { id: gone.id, version: 1, last: { key_id: keyId } };
    expect(await driver.planned.remove(query, [target], new Date(), OLD)).toBe(0);
    expect(await driver.maintenance.tally(partition)).toEqual({ memories: 0, states: 0 });
    expect((await rowOf(partition))?.['revision']).toBe(1);
  });

  test('S22: a repair takes it away, where none in it is younger than what it repairs', async () => {
    const before = new Date(Date.now() - 60_000);
    const dead = await left();
    await dead.driver.maintenance.repair(dead.partition, before);
    expect(await rowOf(dead.partition)).toBeNull();
    const young = await left({ openedAt: new Date() });
    await young.driver.maintenance.repair(young.partition, before);
    expect((await rowOf(young.partition))?.['writers']).toHaveLength(1);
  });

  test('S22: what is ordered of it stays, though a late one ends in it', async () => {
    const { driver, partition, late } = await left();
    await driver.maintenance.fence(partition, NEW);
    expect(await late(1)).toBe('epoch_over');
    await driver.maintenance.repair(partition, new Date());
    expect((await rowOf(partition))?.['fence']).toBe(NEW);
  });
});

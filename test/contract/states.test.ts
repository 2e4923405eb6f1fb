import { expect, test } from '@jest/globals';
import { eq } from '../../src/model/predicate.js';
import { SEALED, type MemoryRecord } from '../../src/model/fields.js';
import { at, everythingIn, namedIn, nextOf, recordOf, store, changeOf, targetsOf } from './support/records.js';
import { describeStores, freshPartition, rawOf } from './support/stores.js';

const unsealed = (record: MemoryRecord) => {
  const clear = { ...record };
  for (const field of SEALED) delete clear[field];
  return clear;
};

describeStores('The states that a store keeps', (fixture) => {
  // A memory with 11 states, so that an order of the versions as text would show.
  const setUp = async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const first = recordOf(partition, namedIn(partition)(1), { metadata: '{"secret of": 1}', speaker: 'secret of 1' });
    await store(driver, [first]);
    const versions = [first];
    for (let n = 0; n < 11; n += 1) {
      const current = versions.at(-1)!;
      const next = nextOf(current, n === 4 ? { category: 'work' } : {});
      expect(await driver.planned.replace(everythingIn(partition), changeOf(current, next), 0)).toBe(true);
      versions.push(next);
    }
    return { driver, partition, id: first.id, versions };
  };

  test('each replacement keeps the state before it, oldest first', async () => {
    const { driver, partition, id, versions } = await setUp();
    const states = await driver.planned.findStates(everythingIn(partition), id);
    expect(states).toStrictEqual(versions.slice(0, -1).map((record) => ({ record })));
  });

  test('states are asked the same query as memories', async () => {
    const { driver, partition, id } = await setUp();
    const states = (query = everythingIn(partition), of = id) => driver.planned.findStates(query, of);
    const work = await states(everythingIn(partition, eq('category', 'work')));
    expect(work.map(({ record }) => record.version)).toEqual([6, 7, 8, 9, 10, 11]);
    expect(await states(everythingIn(partition, eq('id', id)))).toHaveLength(11);
    expect(await states(everythingIn(freshPartition()))).toEqual([]);
    expect(await states(undefined, `${id}0`)).toEqual([]);
  });

  test('S11: a removal leaves every state in clear, the last one dated, and no sealed field in the raw store', async () => {
    const { driver, partition, id, versions } = await setUp();
    const stays = recordOf(partition, namedIn(partition)('stays'));
    await store(driver, [stays]);
    expect(JSON.stringify(await rawOf(fixture().raw, partition))).toContain(`secret of ${id}`);
    expect(await driver.planned.remove(everythingIn(partition), targetsOf([{ id, version: 12 }]), at(60), 0)).toBe(1);
    const states = await driver.planned.findStates(everythingIn(partition), id);
    const past = versions.slice(0, -1).map((record) => ({ record: unsealed(record) }));
    expect(states).toStrictEqual([...past, { record: unsealed(versions.at(-1)!), deletedAt: at(60) }]);
    const raw = await rawOf(fixture().raw, partition);
    expect(raw.filter((row) => SEALED.some((field) => field in row))).toEqual([
      expect.objectContaining({ content: stays.content }),
    ]);
    expect(JSON.stringify(raw)).not.toContain(`secret of ${id}`);
    expect(JSON.stringify(raw)).not.toContain('secret of 1');
  });

  test('removing many keeps the last state of each', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const named = namedIn(partition);
    const records = Array.from({ length: 1_200 }, (_, n) => recordOf(partition, named(n)));
    await store(driver, records);
    expect(await driver.planned.remove(everythingIn(partition), targetsOf(records), at(60), 0)).toBe(1_200);
    expect(await driver.planned.count(everythingIn(partition))).toBe(0);
    for (const n of [0, 999, 1_000, 1_199]) {
      const states = await driver.planned.findStates(everythingIn(partition), named(n));
      expect(states).toStrictEqual([{ record: unsealed(records[n]!), deletedAt: at(60) }]);
    }
    const raw = await rawOf(fixture().raw, partition);
    expect(raw).toHaveLength(1_200);
    expect(raw.filter((row) => 'content' in row)).toEqual([]);
  });
});

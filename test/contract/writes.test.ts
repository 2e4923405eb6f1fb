import { expect, test } from '@jest/globals';
import { eq } from '../../src/model/predicate.js';
import { plannedInsert } from '../../src/store/planned.js';
import {
  at,
  codeOf,
  everythingIn,
  idsOf,
  namedIn,
  nextOf,
  recordOf,
  store,
  changeOf,
  targetsOf,
} from './support/records.js';
import { describeStores, freshPartition, rawOf } from './support/stores.js';

describeStores('Writing through the store port', (fixture) => {
  const setUp = async (count: number) => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    const records = Array.from({ length: count }, (_, n) => recordOf(partition, id(n), { occurred_at: at(n) }));
    await store(driver, records);
    const ids = () => driver.planned.find(everythingIn(partition), 99).then(idsOf);
    return { driver, partition, id, records, ids };
  };

  test('an insert of none does nothing and makes no user', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    await driver.planned.insert(plannedInsert(partition, [], true, 0));
    expect(await driver.planned.revision(partition)).toBe(0);
  });

  test.each([true, false])('an id that is taken is refused and what is there stays (atomic: %s)', async (atomic) => {
    const { driver, partition, records, ids, id } = await setUp(1);
    const again = recordOf(partition, id(0), { content: 'other' });
    expect(await codeOf(store(driver, [again], atomic))).toBe('store_duplicate');
    expect(await ids()).toEqual([id(0)]);
    expect(await driver.planned.findOne(everythingIn(partition), id(0))).toEqual(records[0]);
  });

  test('an atomic insert of which one id is taken stores nothing, and leaves nothing behind', async () => {
    const { driver, partition, ids, id, records } = await setUp(1);
    const batch = [1, 0, 2].map((n) => recordOf(partition, id(n), { content: `atomic ${n}` }));
    expect(await codeOf(store(driver, batch, true))).toBe('store_duplicate');
    expect(await ids()).toEqual([id(0)]);
    expect(await driver.planned.findOne(everythingIn(partition), id(0))).toEqual(records[0]);
    expect(JSON.stringify(await rawOf(fixture().raw, partition))).not.toContain('atomic');
  });

  test('of records that stand on their own, one whose id is taken keeps none of the others out', async () => {
    const { driver, partition, ids, id } = await setUp(1);
    const batch = [2, 0, 1].map((n) => recordOf(partition, id(n), { occurred_at: at(n) }));
    await expect(store(driver, batch, false)).rejects.toMatchObject({ code: 'store_duplicate', detail: { stored: 2 } });
    expect(await ids()).toEqual([id(2), id(1), id(0)]);
    await expect(store(driver, batch, false)).rejects.toMatchObject({ code: 'store_duplicate', detail: { stored: 0 } });
    await expect(store(driver, batch, true)).rejects.toMatchObject({ code: 'store_duplicate', detail: {} });
  });

  test('one id twice in one insert is stored once, and refused', async () => {
    const { driver, partition, ids, id } = await setUp(0);
    const batch = [recordOf(partition, id(1)), recordOf(partition, id(1))];
    expect(await codeOf(store(driver, batch, false))).toBe('store_duplicate');
    expect(await ids()).toEqual([id(1)]);
    const together = [recordOf(partition, id(2)), recordOf(partition, id(2))];
    expect(await codeOf(store(driver, together, true))).toBe('store_duplicate');
    expect(await ids()).toEqual([id(1)]);
  });

  test('S18: a refused duplicate leaves no writer open', async () => {
    const { driver, partition, id } = await setUp(1);
    for (const atomic of [true, false]) {
      await codeOf(store(driver, [recordOf(partition, id(0)), recordOf(partition, id(`new ${atomic}`))], atomic));
      expect(await driver.planned.revision(partition)).toEqual(expect.any(Number));
    }
  });

  test('a replacement takes the place of a record whole, fields that it lacks included', async () => {
    const { driver, partition, id } = await setUp(0);
    const first = recordOf(partition, id(1), { agent_id: 'bot', expires_at: at(99), metadata: '{}', speaker: 'bob' });
    await store(driver, [first]);
    const {
      agent_id: _a,
      expires_at: _e,
      metadata: _m,
      ...rest
    } = nextOf(first, { occurred_at: at(7), category: 'work' });
    expect(await driver.planned.replace(everythingIn(partition), changeOf(first, rest), 0)).toBe(true);
    expect(await driver.planned.findOne(everythingIn(partition), id(1))).toStrictEqual(rest);
    expect(await driver.planned.find(everythingIn(partition), 9)).toStrictEqual([rest]);
  });

  test('S8: a replacement of another version, or of what the query no longer lets through, changes nothing', async () => {
    const { driver, partition, records } = await setUp(1);
    const [current] = records as [(typeof records)[number]];
    const next = nextOf(current);
    const replace = (query = everythingIn(partition), from = current) =>
      driver.planned.replace(query, changeOf(from, next), 0);
    expect(await replace(undefined, { ...current, version: 2 })).toBe(false);
    expect(await replace(everythingIn(partition, eq('sensitivity', 'public')))).toBe(false);
    expect(await replace(everythingIn(freshPartition()))).toBe(false);
    expect(await driver.planned.findOne(everythingIn(partition), current.id)).toEqual(current);
    expect(await replace()).toBe(true);
    expect(await replace()).toBe(false);
  });

  test('S8: a removal takes those targets that the query lets through at their version, and no other', async () => {
    const { driver, partition, records, ids, id } = await setUp(5);
    await driver.planned.replace(
      everythingIn(partition),
      changeOf(records[3]!, nextOf(records[3]!, { occurred_at: at(3) })),
      0,
    );
    await driver.planned.replace(
      everythingIn(partition),
      changeOf(records[4]!, nextOf(records[4]!, { category: 'work', occurred_at: at(4) })),
      0,
    );
    const targets = [
      { id: id(0), version: 1 },
      { id: id(1), version: 2 },
      { id: id(3), version: 2 },
      { id: id(4), version: 2 },
      { id: id(9), version: 1 },
    ];
    const general = everythingIn(partition, eq('category', 'general'));
    expect(await driver.planned.remove(general, targetsOf(targets), at(50), 0)).toBe(2);
    expect(await ids()).toEqual([id(4), id(2), id(1)]);
    expect(await driver.planned.remove(general, targetsOf(targets), at(50), 0)).toBe(0);
    expect(await driver.planned.remove(general, targetsOf([]), at(50), 0)).toBe(0);
  });

  test('an id as target reaches into no other partition', async () => {
    const { driver, records, ids, id } = await setUp(1);
    const other = everythingIn(freshPartition());
    expect(await driver.planned.remove(other, targetsOf([{ id: id(0), version: 1 }]), at(1), 0)).toBe(0);
    expect(await driver.planned.replace(other, changeOf(records[0]!, nextOf(records[0]!)), 0)).toBe(false);
    expect(await ids()).toEqual([id(0)]);
  });

  test('S18: every write raises the revision before it is acknowledged', async () => {
    const { driver, partition, records, id } = await setUp(1);
    let last = (await driver.planned.revision(partition)) ?? 0;
    expect(last).toBeGreaterThan(0);
    const raised = async (write: Promise<unknown>) => {
      await write;
      const now = await driver.planned.revision(partition);
      expect(now).toBeGreaterThan(last);
      last = now ?? 0;
    };
    await raised(store(driver, [recordOf(partition, id(1))]));
    await raised(store(driver, [recordOf(partition, id(2)), recordOf(partition, id(3))], true));
    await raised(driver.planned.replace(everythingIn(partition), changeOf(records[0]!, nextOf(records[0]!)), 0));
    await raised(driver.planned.remove(everythingIn(partition), targetsOf([{ id: id(0), version: 2 }]), at(1), 0));
    await driver.planned.count(everythingIn(partition));
    expect(await driver.planned.revision(partition)).toBe(last);
  });

  test('of many replacements of one version at once exactly one lands', async () => {
    const { driver, partition, records, id } = await setUp(1);
    const racers = Array.from({ length: 8 }, (_, n) => nextOf(records[0]!, { content: `racer ${n}` }));
    const won = await Promise.all(
      racers.map((next) => driver.planned.replace(everythingIn(partition), changeOf(records[0]!, next), 0)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    const now = await driver.planned.findOne(everythingIn(partition), id(0));
    expect(now?.content).toBe(`racer ${won.indexOf(true)}`);
    const states = await driver.planned.findStates(everythingIn(partition), id(0));
    expect(states.map(({ record }) => record)).toEqual([records[0]]);
    expect(await driver.planned.revision(partition)).toEqual(expect.any(Number));
  });
});

import { afterEach, expect, test } from '@jest/globals';
import type { MemoryRecord } from '../../../src/model/fields.js';
import type { Steps } from '../../../src/store/steps.js';
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
} from '../support/records.js';
import { describeMongo, freshPartition, rawOf } from '../support/stores.js';

/** Holds whoever comes to a step until it is let go; `reached` tells that somebody came. */
function gateAt(step: string): { steps: Steps; reached: Promise<void>; letGo: () => void } {
  let letGo = () => {};
  let arrive = () => {};
  const go = new Promise<void>((done) => (letGo = done));
  const reached = new Promise<void>((done) => (arrive = done));
  const steps: Steps = async (name) => {
    if (name !== step) return;
    arrive();
    await go;
  };
  return { steps, reached, letGo };
}

const dyingAt =
  (step: string): Steps =>
  (name) => {
    if (name === step) throw new Error('died');
  };

describeMongo('Writers of one memory on a server without transactions', (fixture) => {
  const gates: { letGo: () => void }[] = [];
  afterEach(() => gates.splice(0).forEach(({ letGo }) => letGo()));
  const hold = async (step: string) => {
    const gate = gateAt(step);
    gates.push(gate);
    return { ...gate, driver: await fixture().open(gate.steps) };
  };
  const setUp = async (more: Partial<MemoryRecord> = {}) => {
    const { driver } = fixture();
    const partition = freshPartition();
    const record = recordOf(partition, namedIn(partition)(1), { speaker: 'secret of the speaker', ...more });
    await store(driver, [record]);
    const query = everythingIn(partition);
    const sealed = async () => JSON.stringify(await rawOf(fixture().raw, partition)).includes('secret of');
    const repair = () => driver.maintenance.repair(partition, new Date(Date.now() + 1));
    const settled = async () => expect(await driver.planned.revision(partition)).toEqual(expect.any(Number));
    return { driver, partition, record, query, sealed, repair, settled };
  };

  test('S11: an update that keeps a state after a delete has unsealed them takes the sealed fields back', async () => {
    const { driver, record, query, sealed, settled } = await setUp();
    const late = await hold('opened');
    const update = late.driver.planned.replace(query, changeOf(record, nextOf(record)), 0);
    await late.reached;
    expect(await driver.planned.remove(query, targetsOf([record]), at(1), 0)).toBe(1);
    late.letGo();
    expect(await update).toBe(false);
    expect(await sealed()).toBe(false);
    const states = await driver.planned.findStates(query, record.id);
    expect(states.filter(({ deletedAt }) => deletedAt)).toHaveLength(1);
    await settled();
  });

  test('S11: the same while the delete is between two of its steps', async () => {
    for (const step of ['marked', 'states unsealed', 'last state kept', 'removed']) {
      const { driver, record, query, sealed, settled } = await setUp();
      const slow = await hold(step);
      const remove = slow.driver.planned.remove(query, targetsOf([record]), at(1), 0);
      await slow.reached;
      expect(await driver.planned.findOne(query, record.id)).toBeNull();
      expect(await driver.planned.replace(query, changeOf(record, nextOf(record)), 0)).toBe(false);
      slow.letGo();
      expect(await remove).toBe(1);
      expect([step, await sealed()]).toEqual([step, false]);
      await settled();
    }
  });

  test.each(['state kept', 'replaced', 'state unsealed'])(
    'S11: an update that dies at "%s" after a delete leaves what only a repair takes away',
    async (step) => {
      const { driver, partition, record, query, sealed, repair, settled } = await setUp();
      const late = await fixture().open(dyingAt(step));
      expect(await driver.planned.remove(query, targetsOf([record]), at(1), 0)).toBe(1);
      await expect(late.planned.replace(query, changeOf(record, nextOf(record)), 0)).rejects.toThrow('died');
      // So that the test is known to have made the race happen.
      expect(await sealed()).toBe(step !== 'state unsealed');
      expect(await driver.planned.revision(partition)).toBeUndefined();
      await repair();
      expect(await sealed()).toBe(false);
      await settled();
    },
  );

  test('an update that comes to nothing against a purge leaves no state behind, alive or dead', async () => {
    for (const dies of [false, true]) {
      const { driver, partition, record, query, repair, settled } = await setUp({ expires_at: at(5) });
      const late = dies ? await fixture().open(dyingAt('state kept')) : driver;
      expect(await driver.maintenance.purge(partition, at(6), 9)).toEqual({ deleted: 1, done: true });
      const update = late.planned.replace(query, changeOf(record, nextOf(record)), 0);
      if (dies) await expect(update).rejects.toThrow('died');
      else expect(await update).toBe(false);
      await repair();
      expect(await rawOf(fixture().raw, partition)).toEqual([]);
      await settled();
    }
  });

  test('a repair beside a delete that lives after all carries it through once', async () => {
    for (const step of ['marked', 'states unsealed', 'last state kept', 'removed']) {
      const { driver, partition, record, query, sealed, repair, settled } = await setUp();
      const slow = await hold(step);
      const remove = slow.driver.planned.remove(query, targetsOf([record]), at(1), 0);
      await slow.reached;
      await repair();
      slow.letGo();
      expect(await remove).toBe(1);
      expect(await sealed()).toBe(false);
      expect((await driver.planned.findStates(query, record.id)).map(({ deletedAt }) => deletedAt)).toEqual([at(1)]);
      expect(await rawOf(fixture().raw, partition)).toHaveLength(1);
      await settled();
    }
  });

  test('a repair beside an insert of several that lives after all: nothing and an error, or all and none', async () => {
    for (const step of ['opened', 'inserted', 'committed']) {
      const { driver, partition, record, query, repair, settled } = await setUp();
      const named = namedIn(partition);
      const batch = [2, 3, 4].map((n) => recordOf(partition, named(n), { occurred_at: at(-n) }));
      const slow = await hold(step);
      const insert = codeOf(store(slow.driver, batch, true));
      await slow.reached;
      await repair();
      slow.letGo();
      expect([step, await insert]).toEqual([step, step === 'committed' ? undefined : 'store_timeout']);
      const expected = step === 'committed' ? [record, ...batch] : [record];
      expect(idsOf(await driver.planned.find(query, 9))).toEqual(idsOf(expected));
      expect(await rawOf(fixture().raw, partition)).toHaveLength(expected.length);
      await settled();
    }
  });

  test('S18: while a write is under way there is no revision that a view could be kept under', async () => {
    const { driver, partition, record, query } = await setUp();
    const before = (await driver.planned.revision(partition)) ?? 0;
    for (const step of ['opened', 'state kept', 'replaced']) {
      const current = (await driver.planned.findOne(query, record.id))!;
      const slow = await hold(step);
      const update = slow.driver.planned.replace(query, changeOf(current, nextOf(current)), 0);
      await slow.reached;
      expect([step, await driver.planned.revision(partition)]).toEqual([step, undefined]);
      slow.letGo();
      expect(await update).toBe(true);
    }
    expect(await driver.planned.revision(partition)).toBe(before + 6);
  });

  test('G25: a purge beside an insert does not lose sight of when the new memory expires', async () => {
    const { driver, partition } = await setUp({ expires_at: at(5) });
    const slow = await hold('opened');
    const insert = store(slow.driver, [recordOf(partition, namedIn(partition)(2), { expires_at: at(8) })]);
    await slow.reached;
    expect(await driver.maintenance.purge(partition, at(6), 9)).toMatchObject({ deleted: 1 });
    slow.letGo();
    await insert;
    const due = await driver.maintenance.partitionsToPurge(at(8), 10_000);
    expect(due).toContainEqual(partition);
    expect(await driver.maintenance.purge(partition, at(8), 9)).toEqual({ deleted: 1, done: true });
  });

  test('S8: a memory that is raised between the decision and the write is neither replaced nor removed', async () => {
    const { driver, record, query, partition } = await setUp();
    const raised = nextOf(record, { sensitivity: 'sensitive' });
    for (const act of ['replace', 'remove'] as const) {
      const slow = await hold('opened');
      const current = (await driver.planned.findOne(query, record.id))!;
      const target = act === 'replace' ? record : current;
      const write =
        act === 'replace'
          ? slow.driver.planned.replace(query, changeOf(target, nextOf(target, { content: 'lost' })), 0)
          : slow.driver.planned.remove(query, targetsOf([target]), at(1), 0);
      await slow.reached;
      const next = act === 'replace' ? raised : nextOf(current, { sensitivity: 'sensitive' });
      expect(await driver.planned.replace(query, changeOf(current, next), 0)).toBe(true);
      slow.letGo();
      expect(await write).toBe(act === 'replace' ? false : 0);
      expect(await driver.planned.findOne(query, record.id)).toEqual(next);
    }
    expect(await driver.planned.count(everythingIn(partition))).toBe(1);
  });
});

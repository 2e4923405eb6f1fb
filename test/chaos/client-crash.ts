import assert from 'node:assert/strict';
import type { MemoryRecord } from '../../src/model/fields.js';
import type { StoreDriver } from '../../src/store/driver.js';
import type { Partition } from '../../src/store/partition.js';
import { openPlace } from '../contract/support/place.js';
import { at, everythingIn, idsOf, namedIn, nextOf, recordOf, store, changeOf } from '../contract/support/records.js';
import { start } from '../contract/support/spawn.js';
import { rawMongo, type Raw } from '../support/raw.js';
import { somebody, type Figures, type MongoPlace } from './scenario.js';

interface Scene {
  readonly driver: StoreDriver;
  readonly raw: Raw;
  readonly partition: Partition;
  /** Three memories with a past, and one that stays out of it. */
  readonly records: readonly MemoryRecord[];
  readonly bystander: MemoryRecord;
}

/** An act of several documents: what the process that dies is told, and what must be there after the repair. */
interface Act {
  args(scene: Scene): Record<string, unknown>;
  /** The first step at which the act has happened; a process that dies before it has done nothing. */
  readonly decidedAt: string;
  /** Every step, in order, so that one that is added or goes is noticed. */
  readonly steps: readonly string[];
  check(scene: Scene, happened: boolean): Promise<void>;
}

const fresh = (partition: Partition) => ['new 1', 'new 2', 'new 3'].map(namedIn(partition));

const ACTS: Readonly<Record<string, Act>> = {
  insert: {
    args: ({ partition }) => ({ ids: fresh(partition) }),
    decidedAt: 'committed',
    steps: ['opened', 'inserted', 'committed', 'ended'],
    async check({ driver, raw, partition }, happened) {
      const found = await Promise.all(
        fresh(partition).map((id) => driver.planned.findOne(everythingIn(partition), id)),
      );
      assert.equal(found.filter((record) => record !== null).length, happened ? 3 : 0);
      assert.equal(JSON.stringify(await rowsOf(raw, partition)).includes('new '), happened);
    },
  },
  replace: {
    args: ({ records: [record] }) => ({ id: record?.id }),
    decidedAt: 'replaced',
    steps: ['opened', 'state kept', 'replaced', 'ended'],
    async check({ driver, partition, records: [record] }, happened) {
      const now = await driver.planned.findOne(everythingIn(partition), record!.id);
      assert.deepEqual(now, happened ? nextOf(record!) : record);
      const states = await driver.planned.findStates(everythingIn(partition), record!.id);
      const told = states.map((state) => state.record).filter(({ version }) => version < now!.version);
      assert.deepEqual(
        told.map(({ content }) => content),
        happened ? contentsTo(record!, 2) : contentsTo(record!, 1),
      );
    },
  },
  remove: {
    args: ({ records }) => ({ targets: records.map(({ id, version }) => ({ id, version })) }),
    decidedAt: 'marked',
    steps: ['opened', 'marked', 'states unsealed', 'last state kept', 'removed', 'ended'],
    async check({ driver, raw, partition, records }, happened) {
      for (const record of records) {
        assert.deepEqual(await driver.planned.findOne(everythingIn(partition), record.id), happened ? null : record);
        const states = await driver.planned.findStates(everythingIn(partition), record.id);
        assert.deepEqual(
          states.map(({ deletedAt }) => deletedAt),
          happened ? [undefined, at(60)] : [undefined],
        );
        const left = JSON.stringify(await rowsOf(raw, partition)).includes(`secret of ${record.id}`);
        assert.equal(left, !happened);
      }
    },
  },
  purge: {
    args: () => ({ minute: 20 }),
    decidedAt: 'marked',
    steps: ['opened', 'marked', 'states removed', 'removed', 'ended'],
    async check({ driver, raw, partition, records }) {
      // Whatever the process that died has done, nobody reads what has expired, and the next purge takes all of it.
      for (let done = false; !done;) ({ done } = await driver.maintenance.purge(partition, at(20), 100));
      const left = JSON.stringify(await rowsOf(raw, partition));
      for (const { id } of records) assert.ok(!left.includes(id), `${id} was left after the purge`);
      const due = await driver.maintenance.partitionsToPurge(at(1_000_000), 10_000);
      assert.ok(!due.some(({ userId }) => userId === partition.userId));
    },
  },
};

const contentsTo = ({ id }: MemoryRecord, versions: number) =>
  Array.from({ length: versions }, (_, n) => `secret of ${id} at ${n + 1}`);

/** The client dies by SIGKILL between every two steps of each act of several documents; then its act is repaired. */
export async function clientCrash(place: MongoPlace, log: (text: string) => void = () => undefined): Promise<Figures> {
  const driver = await openPlace(place);
  await driver.migrate();
  const raw = await rawMongo(place.uri);
  let crashes = 0;
  try {
    for (const [task, act] of Object.entries(ACTS)) {
      const steps: string[] = [];
      for (let n = 1; ; n += 1) {
        const scene = await sceneOf(driver, raw);
        const step = await dieAt(place, task, n, { partition: scene.partition, ...act.args(scene) });
        if (step === undefined) break;
        steps.push(step);
        crashes += 1;
        const decided = act.steps.indexOf(step) >= act.steps.indexOf(act.decidedAt);
        await afterRepair(scene, task, step, () => act.check(scene, decided));
        log(`${task} died at "${step}": ${decided ? 'carried through' : 'taken back'}`);
      }
      assert.deepEqual(steps, act.steps, `the steps of ${task}`);
    }
  } finally {
    await raw.close();
    await driver.close();
  }
  return { crashes };
}

async function afterRepair(scene: Scene, task: string, step: string, check: () => Promise<void>): Promise<void> {
  const { driver, raw, partition, bystander } = scene;
  const open = step !== 'ended';
  assert.equal(await driver.planned.revision(partition), open ? undefined : await driver.planned.revision(partition));
  const soon = new Date(Date.now() + 1);
  const lapsed = await driver.maintenance.partitionsToRepair(soon, 10_000);
  assert.equal(
    lapsed.some(({ userId }) => userId === partition.userId),
    open,
    `${task} at ${step}: what is to be repaired`,
  );
  await driver.maintenance.repair(partition, soon);
  const revision = await driver.planned.revision(partition);
  // Four writes made the scene; the act that died has raised the revision beyond them.
  assert.ok(revision !== undefined && revision > 8, `${task} at ${step}: the revision is ${String(revision)}`);
  const rows = await rowsOf(raw, partition);
  assert.ok(!rows.some((row) => 'act' in row), `${task} at ${step}: an act was left`);
  try {
    await check();
  } catch (error) {
    throw new Error(`${task} died at "${step}": ${(error as Error).message}`, { cause: error });
  }
  assert.deepEqual(await driver.planned.findOne(everythingIn(partition), bystander.id), bystander);
  await driver.maintenance.repair(partition, new Date(Date.now() + 1));
  assert.ok(idsOf(await driver.planned.find(everythingIn(partition), 99)).includes(bystander.id));
}

async function sceneOf(driver: StoreDriver, raw: Raw): Promise<Scene> {
  const partition = somebody();
  const id = namedIn(partition);
  const first = [1, 2, 3].map((n) => recordOf(partition, id(n), { occurred_at: at(n), expires_at: at(10 + n) }));
  const bystander = recordOf(partition, id('bystander'), { speaker: 'someone' });
  await store(driver, [...first, bystander]);
  const records = first.map((record) => nextOf(record));
  for (const [n, record] of first.entries())
    await driver.planned.replace(everythingIn(partition), changeOf(record, records[n]!), 0);
  return { driver, raw, partition, records, bystander };
}

/** @returns the step at which the process died, or undefined where it came to its end before */
async function dieAt(place: MongoPlace, task: string, n: number, args: Record<string, unknown>) {
  const child = start({ place, task, args: { ...args, dieAtStep: n } });
  const { code, signal } = await child.ended;
  const died = child.lines.find((line) => line.startsWith('dies at '))?.slice('dies at '.length);
  assert.deepEqual([code, signal], died === undefined ? [0, null] : [null, 'SIGKILL'], child.lines.join('\n'));
  return died;
}

async function rowsOf(raw: Raw, { userId }: Partition): Promise<Record<string, unknown>[]> {
  return [...(await raw.memories()), ...(await raw.states())].filter((row) => row['user_id'] === userId);
}

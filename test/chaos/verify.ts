import assert from 'node:assert/strict';
import { ERRORS } from '../../src/errors/table.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import type { StoreDriver } from '../../src/store/driver.js';
import type { Partition, Position } from '../../src/store/partition.js';
import { everythingIn } from '../contract/support/records.js';
import type { Announced, Ended } from '../contract/support/workload.js';
import type { Raw } from '../support/raw.js';

/** What may have become of a record: its version, or deleted, or never there. */
type Fate = number | 'deleted' | 'absent';

/** What a check has looked at, so that it is seen not to have been empty. */
export interface Tally {
  acts: number;
  acknowledged: number;
  unknown: number;
  present: number;
  deleted: number;
}

/**
 * Compares a partition with what the processes that wrote to it have printed: every acknowledged act is there, once;
 * every act of unknown outcome is there whole or not at all; nothing else is.
 */
export async function verify(
  driver: StoreDriver,
  raw: Raw,
  partition: Partition,
  processes: readonly (readonly string[])[],
): Promise<Tally> {
  const tally: Tally = { acts: 0, acknowledged: 0, unknown: 0, present: 0, deleted: 0 };
  const fates = new Map<string, readonly Fate[]>();
  const together: (readonly string[])[] = [];
  for (const lines of processes) {
    const said = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Announced | Ended);
    const ends = new Map(said.flatMap((one) => ('ended' in one ? [[one.n, one.ended] as const] : [])));
    for (const act of said) {
      if (!('act' in act)) continue;
      tally.acts += 1;
      const ended = ends.get(act.n);
      assert.notEqual(ended, 'nothing', `act ${act.n} found nothing of what was there: ${JSON.stringify(act)}`);
      assert.ok(ended === undefined || ended === 'acknowledged' || ended in ERRORS, `no error of the table: ${ended}`);
      const certain = ended === 'acknowledged';
      tally[certain ? 'acknowledged' : 'unknown'] += 1;
      if (act.act === 'together' && !certain) together.push(act.ids);
      const after: Fate = act.act === 'remove' ? 'deleted' : act.version + 1;
      const before: Fate = act.version === 0 ? 'absent' : act.version;
      for (const id of act.ids) fates.set(id, certain ? [after] : [before, after]);
    }
  }
  const found = await everythingOf(driver, partition);
  for (const id of found.keys()) assert.ok(fates.has(id), `nobody wrote ${id}`);
  const rows = await rowsOf(raw, partition);
  const actual = new Map<string, Fate>();
  await inTurns([...fates], 8, async ([id, possible]) => {
    const fate = await fateOf(driver, partition, id, found.get(id), rows.get(id) ?? []);
    assert.ok(possible.includes(fate), `${id} is ${fate}, and should be ${possible.join(' or ')}`);
    actual.set(id, fate);
    if (typeof fate === 'number') tally.present += 1;
    if (fate === 'deleted') tally.deleted += 1;
  });
  for (const ids of together) {
    const some = new Set(ids.map((id) => actual.get(id)));
    assert.equal(some.size, 1, `an insert of several is there in part: ${ids.map((id) => actual.get(id)).join(', ')}`);
  }
  assert.equal(await driver.planned.count(everythingIn(partition)), found.size);
  assert.equal(typeof (await driver.planned.revision(partition)), 'number', 'a writer was left open');
  return tally;
}

async function everythingOf(driver: StoreDriver, partition: Partition): Promise<Map<string, MemoryRecord>> {
  const found = new Map<string, MemoryRecord>();
  for (let after: Position | undefined; ;) {
    const page = await driver.planned.find(everythingIn(partition), 500, after);
    for (const record of page) {
      assert.ok(!found.has(record.id), `${record.id} is listed twice`);
      found.set(record.id, record);
    }
    const last = page.at(-1);
    if (!last) return found;
    after = { occurredAt: last.occurred_at, id: last.id };
  }
}

type Row = Record<string, unknown>;

async function rowsOf(raw: Raw, { userId }: Partition): Promise<Map<string, Row[]>> {
  const byId = new Map<string, Row[]>();
  for (const row of [...(await raw.memories()), ...(await raw.states())]) {
    if (row['user_id'] !== userId) continue;
    assert.ok(!('act' in row), `an act was left on ${String(row['id'])}`);
    const id = String(row['memory_id'] ?? row['id']);
    byId.set(id, [...(byId.get(id) ?? []), row]);
  }
  return byId;
}

async function fateOf(
  driver: StoreDriver,
  partition: Partition,
  id: string,
  record: MemoryRecord | undefined,
  rows: readonly Row[],
): Promise<Fate> {
  const content = (version: number) => `secret of ${id} at ${version}`;
  const states = await driver.planned.findStates(everythingIn(partition), id);
  const deleted = states.find(({ deletedAt }) => deletedAt !== undefined);
  const version = record?.version ?? deleted?.record.version;
  if (version === undefined) {
    assert.deepEqual(rows, [], `${id} is not there, and has left something`);
    return 'absent';
  }
  // A state at the present version is a copy that a writer put before its change came to nothing: no change is told by it.
  const past = states.filter((state) => !state.deletedAt && state.record.version < version);
  const told = past.map((state) => state.record.version);
  assert.deepEqual(
    told,
    Array.from({ length: version - 1 }, (_, n) => n + 1),
    `the history of ${id} has a gap`,
  );
  if (record) {
    assert.ok(!deleted, `${id} is there, and told to be deleted`);
    assert.equal(record.content, content(version));
    for (const state of past) assert.equal(state.record.content, content(state.record.version));
    return version;
  }
  assert.ok(!JSON.stringify(rows).includes('secret of'), `${id} is deleted, and a sealed field of it is left`);
  return 'deleted';
}

async function inTurns<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const turn = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: width }, turn));
}

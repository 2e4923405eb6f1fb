import { BSON, type AnyBulkWriteOperation, type Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { SEALED, type MemoryRecord } from '../../model/fields.js';
import type { Partition } from '../partition.js';
import { assertPlanned, type PlannedInsert, type PlannedQuery, type Replacement, type Target } from '../planned.js';
import type { Steps } from '../steps.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { areDuplicates, putBeside, isDuplicate, translated, unlessThere } from './errors.js';
import { landed } from './faults.js';
import { Gathered } from './gathered.js';
import { BY_ID, filterOf } from './reads.js';
import type { Repair } from './repair.js';
import {
  lastStateId,
  stateId,
  toHistoryRow,
  toMemoryRow,
  UNSEAL,
  type Act,
  type MemoryRow,
  type Writer,
} from './rows.js';
import { assertInTime, WRITER_LEASE_MS, type WriterHints, type Writers } from './writers.js';

const OPTIONS = { ...DURABLE, ...SIMPLE };
const UPDATED = [
  ...SEALED,
  'key_id',
  'seal',
  'category',
  'sensitivity',
  'agent_id',
  'app_id',
  'session_id',
  'occurred_at',
  'updated_at',
  'expires_at',
  'version',
  'classified_by',
] as const;

/**
 * Writing under a plan, in steps that a crash between any two leaves consistent or repairable: a document with an
 * `act` is seen by nobody until the act is carried through or taken back.
 */
export class MongoWrites {
  readonly #collections: Collections;
  readonly #writers: Writers;
  readonly #repair: Repair;
  readonly #step: Steps;

  constructor(collections: Collections, writers: Writers, repair: Repair, step: Steps) {
    this.#collections = collections;
    this.#writers = writers;
    this.#repair = repair;
    this.#step = step;
  }

  async insert(insert: PlannedInsert): Promise<void> {
    assertPlanned(insert);
    const { partition, records } = insert;
    if (records.length === 0) return;
    const sealedUnder = [...new Set(records.flatMap(({ key_id }) => key_id ?? []))];
    const hints = { nextExpiry: earliestExpiry(records), epoch: insert.epoch, sealedUnder };
    const stored = await this.#writing(partition, hints, async (writer) => {
      const together = insert.atomic && records.length > 1;
      const act: Act | undefined = together ? { kind: 'insert', token: writer.token, at: writer.at } : undefined;
      const deleted = insert.atomic ? new Set<string>() : await this.#deleted(partition, records);
      const rows = records.filter(({ id }) => !deleted.has(id)).map((record) => toMemoryRow(record, act));
      if (rows.length === 0) return 0;
      const [only] = rows;
      if (!together && rows.length === 1 && only) {
        const taken = await this.#single.ask({ row: only, writer });
        await this.#step('inserted');
        return taken ? 0 : 1;
      }
      assertInTime(writer);
      try {
        await this.#collections.memories.insertMany(rows, { ...DURABLE, ordered: false });
      } catch (error) {
        // The outcome is known: what is there already harms no other that stands on its own.
        if (!areDuplicates(error)) throw error;
        await this.#step('inserted');
        if (!together) return putBeside(error);
        await this.#repair.undoInsert(partition, writer.token);
        return 0;
      }
      await this.#step('inserted');
      if (!together) return rows.length;
      if (!(await this.#writers.commit(partition, writer))) {
        // Paused for longer than its lease: no repair will look for these rows again.
        await this.#repair.undoInsert(partition, writer.token);
        throw new MemwardenError('store_timeout');
      }
      await this.#step('committed');
      await this.#repair.finishInsert(partition, writer.token);
      return rows.length;
    });
    if (stored !== records.length)
      throw new MemwardenError('store_duplicate', insert.atomic ? {} : { stored: stored ?? 0 });
  }

  // Memories that stand alone, of one moment and of whatever users, are put by one command. What became of each is
  // known of each; where the command fails as a whole, it is as unknown of all as it is of one.
  readonly #single = new Gathered<{ readonly row: MemoryRow; readonly writer: Writer }, boolean>(
    // The driver sends up to 16 MiB at once.
    { runs: 2, most: 100, mostBytes: 8 << 20 },
    { patience: () => this.#collections.timeoutMs, sizeOf: ({ row }) => BSON.calculateObjectSize(row) },
    async (asked) => {
      const due = asked.filter(({ item, reject }) => {
        try {
          assertInTime(item.writer);
          return true;
        } catch (error) {
          reject(error);
          return false;
        }
      });
      if (due.length === 0) return;
      const rows = due.map(({ item }) => item.row);
      const { memories } = this.#collections;
      const { faults } = await landed(memories.insertMany(rows, { ...DURABLE, ordered: false }));
      for (const [place, { resolve, reject }] of due.entries()) {
        const fault = faults.get(place);
        if (fault && !isDuplicate(fault)) reject(fault);
        else resolve(fault !== undefined);
      }
    },
  );

  // Ids of an import are fixed ahead and may be sent again after their memories were deleted; that does not bring them
  // back. Where a memory stands alone its id is new, or its sender waits for the answer.
  async #deleted(partition: Partition, records: readonly MemoryRecord[]): Promise<Set<string>> {
    const ids = records.map(({ id }) => lastStateId(id));
    const owner = { user_id: partition.userId, tenant: partition.tenant };
    const states = this.#collections.history.find(
      { ...owner, _id: { $in: ids } },
      { ...SETTLED, hint: BY_ID, projection: { memory_id: 1 } },
    );
    return new Set((await states.toArray()).map((state) => state.memory_id));
  }

  async replace(query: PlannedQuery, { current, kept, next }: Replacement, epoch: number): Promise<boolean> {
    assertPlanned(query);
    const hints = { nextExpiry: next.expires_at, memory: current.id, epoch };
    const done = await this.#writing(query.partition, hints, async (writer) => {
      const { _id, ...state } = toHistoryRow(kept);
      const place = { user_id: query.partition.userId, _id } as const;
      await unlessThere(this.#collections.history.replaceOne(place, state, { ...OPTIONS, upsert: true }));
      await this.#step('state kept');
      const set: Document = {};
      const unset: Document = {};
      for (const field of UPDATED) {
        if (next[field] === undefined) unset[field] = '';
        else set[field] = next[field];
      }
      assertInTime(writer);
      const done = await this.#collections.memories.updateOne(
        filterOf(query, { _id: current.id, version: current.version }),
        { $set: set, ...(Object.keys(unset).length ? { $unset: unset } : {}) },
        { ...OPTIONS, hint: BY_ID },
      );
      await this.#step('replaced');
      if (done.matchedCount === 1) return true;
      await this.#takeBack(query.partition, current);
      return false;
    });
    return done ?? false;
  }

  // The state that was kept is one that was there, so it may stay while the memory does; once the memory is deleted,
  // no sealed field of it may.
  async #takeBack(partition: Partition, state: MemoryRecord): Promise<void> {
    const { memories, history } = this.#collections;
    const owner = { user_id: partition.userId };
    const kept = { ...owner, _id: stateId(state.id, state.version) };
    const now = await memories.findOne(
      { ...owner, _id: state.id },
      { ...SETTLED, hint: BY_ID, projection: { act: 1 } },
    );
    if (now && !now.act) return;
    await history.updateOne(kept, { $unset: UNSEAL }, { ...OPTIONS, hint: BY_ID });
    await this.#step('state unsealed');
    const last = { ...owner, _id: lastStateId(state.id) };
    const deleted = await history.findOne(last, { ...SETTLED, hint: BY_ID, projection: { _id: 1 } });
    if (!now && !deleted) await history.deleteOne(kept, { ...OPTIONS, hint: BY_ID });
  }

  async remove(query: PlannedQuery, targets: readonly Target[], at: Date, epoch: number): Promise<number> {
    assertPlanned(query);
    if (targets.length === 0) return 0;
    const removed = await this.#writing(query.partition, { epoch }, async (writer) => {
      const act: Act = { kind: 'delete', token: writer.token, at };
      const filter = filterOf(query);
      // Each on its own, for each is authenticated anew, as the last state of a deleted memory.
      const marks = targets.map(({ id, version, last: { key_id, bare } }) => ({
        updateOne: {
          filter: { ...filter, _id: id, version },
          update: {
            $set: { act, ...(key_id === undefined ? {} : { key_id }), ...(bare ? { bare } : {}) },
            $unset: UNSEAL,
          },
          hint: BY_ID,
          ...SIMPLE,
        },
      })) as unknown as AnyBulkWriteOperation<MemoryRow>[];
      const { matchedCount } = await this.#collections.memories.bulkWrite(marks, { ...DURABLE, ordered: false });
      await this.#step('marked');
      if (matchedCount > 0) await this.#repair.finishDelete(query.partition, writer.token, this.#step);
      return matchedCount;
    });
    return removed ?? 0;
  }

  // Undefined where there is no such partition, and so nothing to change.
  async #writing<T>(
    partition: Partition,
    hints: WriterHints,
    work: (writer: Writer) => Promise<T>,
  ): Promise<T | undefined> {
    return translated(async () => {
      const opened = await this.#writers.open(partition, new Date(), hints);
      if (!opened) return undefined;
      const { writer, lapsed } = opened;
      await this.#step('opened');
      assertInTime(writer);
      // A failure in between leaves the writer open: its outcome is unknown, and repair decides it.
      const result = await work(writer);
      await this.#writers.end(partition, writer.token);
      await this.#step('ended');
      // The write has landed: what another writer left is not this caller's failure, and whoever comes next tries again.
      if (lapsed) await this.#repair.repair(partition, new Date(Date.now() - WRITER_LEASE_MS)).catch(() => undefined);
      return result;
    });
  }
}

function earliestExpiry(records: readonly MemoryRecord[]): Date | undefined {
  let earliest: Date | undefined;
  for (const { expires_at: at } of records) if (at && (!earliest || at < earliest)) earliest = at;
  return earliest;
}

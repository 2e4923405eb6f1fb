import type { AnyBulkWriteOperation, Document } from 'mongodb';
import type { Partition } from '../partition.js';
import { noSteps, type Steps } from '../steps.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { lastStateId, toHistoryRow, toRecord, UNSEAL, type HistoryRow, type MemoryRow } from './rows.js';
import { unlessThere } from './errors.js';
import type { Writers } from './writers.js';

const OPTIONS = { ...DURABLE, ...SIMPLE };
const BATCH = 1_000;

/** Carries acts through, for the writer itself and for whoever finds one that a dead writer left. */
export class Repair {
  readonly #collections: Collections;
  readonly #writers: Writers;

  constructor(collections: Collections, writers: Writers) {
    this.#collections = collections;
    this.#writers = writers;
  }

  /** Shows the memories of an insert that was decided. */
  async finishInsert(partition: Partition, token: string): Promise<void> {
    await this.#collections.memories.updateMany(underWay(partition, token), { $unset: { act: '' } }, OPTIONS);
  }

  /** Takes the memories of an insert that was never decided away; nobody has seen them. */
  async undoInsert(partition: Partition, token: string): Promise<void> {
    await this.#collections.memories.deleteMany({ ...underWay(partition, token), 'act.kind': 'insert' }, OPTIONS);
  }

  /**
   * Carries a delete through, from whichever step it stopped at: no sealed field stays in any state, the last state is
   * kept as that of a deleted memory, then the memory goes.
   */
  async finishDelete(partition: Partition, token: string, step: Steps = noSteps): Promise<void> {
    const { memories, history } = this.#collections;
    for (;;) {
      const rows = await memories.find(underWay(partition, token), { ...SETTLED, limit: BATCH }).toArray();
      if (rows.length === 0) return;
      const ids = rows.map((row) => row._id);
      await history.updateMany({ ...ownerOf(partition), memory_id: { $in: ids } }, { $unset: UNSEAL }, OPTIONS);
      await step('states unsealed');
      const last = rows.map((row) => ({ replaceOne: lastState(row) })) as AnyBulkWriteOperation<HistoryRow>[];
      // A repair may do the same beside the writer itself.
      await unlessThere(history.bulkWrite(last, { ...DURABLE, ordered: false }));
      await step('last state kept');
      await memories.deleteMany({ ...underWay(partition, token), _id: { $in: ids } }, OPTIONS);
      await step('removed');
    }
  }

  /** Ends every writer that was opened before a time, and what writers left that were ended before they were done. */
  async repair(partition: Partition, before: Date): Promise<void> {
    await this.#writers.dropUnproven(partition, before);
    for (const writer of await this.#writers.openedBefore(partition, before)) {
      await this.#finish(partition, writer.token);
      if (writer.memory !== undefined) await this.#dropOrphan(partition, writer.memory);
      await this.#writers.end(partition, writer.token);
    }
    const left = { ...ownerOf(partition), 'act.at': { $lt: before } };
    const tokens = await this.#collections.memories.distinct('act.token', left, { ...SETTLED });
    for (const token of tokens as unknown[]) {
      // A row that nobody of ours wrote stays: it is malformed, and doctor counts it.
      if (typeof token !== 'string') continue;
      const row = await this.#collections.memories.findOne(underWay(partition, token), SETTLED);
      const kind = row?.act?.kind;
      if (kind === 'delete') await this.finishDelete(partition, token);
      if (kind === 'insert') await this.undoInsert(partition, token);
    }
  }

  async #finish(partition: Partition, token: string): Promise<void> {
    const row = await this.#collections.memories.findOne(underWay(partition, token), SETTLED);
    if (row?.act?.kind === 'delete') return this.finishDelete(partition, token);
    if (!row) return;
    // A writer that lives after all may decide its insert at this moment: one of the two comes first.
    const fate = await this.#writers.abandon(partition, token);
    if (fate === 'abandoned') await this.undoInsert(partition, token);
    if (fate === 'committed') await this.finishInsert(partition, token);
  }

  // An update that lost against a delete and died may have kept a state after the delete had unsealed them all; one that
  // lost against a purge, after the purge had removed them all.
  async #dropOrphan(partition: Partition, id: string): Promise<void> {
    const { memories, history } = this.#collections;
    const owner = ownerOf(partition);
    if (await memories.findOne({ ...owner, _id: id }, { ...SETTLED, projection: { _id: 1 } })) return;
    const states = { ...owner, memory_id: id };
    await history.updateMany(states, { $unset: UNSEAL }, OPTIONS);
    const last = await history.findOne(
      { ...states, deleted_at: { $exists: true } },
      { ...SETTLED, projection: { _id: 1 } },
    );
    if (!last) await history.deleteMany(states, OPTIONS);
  }
}

// That there is a time of it lets the index of what is under way serve.
function underWay(
  partition: Partition,
  token: string,
): { user_id: string; tenant: string; 'act.token': string; 'act.at': { $exists: true } } {
  return { ...ownerOf(partition), 'act.token': token, 'act.at': { $exists: true } };
}

function lastState(row: MemoryRow): { filter: Document; replacement: Document; upsert: true; collation: Document } {
  const { _id: _, ...state } = toHistoryRow(toRecord(row), row.act?.at);
  for (const field of Object.keys(UNSEAL)) delete (state as Document)[field];
  return { filter: { _id: lastStateId(row._id), user_id: row.user_id }, replacement: state, upsert: true, ...SIMPLE };
}

function ownerOf({ tenant, userId }: Partition): { user_id: string; tenant: string } {
  return { user_id: userId, tenant };
}

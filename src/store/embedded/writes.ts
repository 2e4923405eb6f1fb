import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Along } from '../../model/audit-storage.js';
import type { Join } from '../../model/auditor.js';
import { SEALED, type MemoryRecord } from '../../model/fields.js';
import type { Partition } from '../partition.js';
import { assertPlanned, type PlannedInsert, type PlannedQuery, type Replacement, type Target } from '../planned.js';
import { putAlong } from './along.js';
import type { PartitionEntry, StateEntry, Tables } from './environment.js';
import { ofMemory, ofPartition } from './ranges.js';
import { matcher } from './reads.js';

/** Writing under a plan: reading, deciding and writing are one transaction, which is on disk when it is acknowledged. */
export class EmbeddedWrites {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async insert(insert: PlannedInsert, join?: Join): Promise<void> {
    assertPlanned(insert);
    const { partition, records } = insert;
    if (records.length === 0) return;
    const taken = await this.#transaction((along) => {
      this.#assertOpen(partition, insert.epoch, records);
      const stored: MemoryRecord[] = [];
      const past = this.#hasPast(partition);
      for (const record of records) {
        if (this.#isTaken(partition, record.id, past)) {
          if (insert.atomic) throw new MemwardenError('store_duplicate');
          continue;
        }
        this.#put(partition, record);
        stored.push(record);
      }
      if (stored.length) this.#raise(partition, stored);
      if (stored.length === records.length) putAlong(this.#tables, along);
      return records.length - stored.length;
    }, join);
    if (taken > 0) throw new MemwardenError('store_duplicate', { stored: records.length - taken });
  }

  async replace(query: PlannedQuery, change: Replacement, epoch: number, join?: Join): Promise<boolean> {
    const { current, kept, next } = change;
    const matches = matcher(query);
    const { partition } = query;
    const { tenant, userId } = partition;
    return this.#transaction((along) => {
      this.#assertOpen(partition, epoch, [next]);
      const stored = this.#tables.memories.get([tenant, userId, current.id]);
      if (!matches(stored) || stored.version !== current.version) return false;
      this.#tables.history.putSync([tenant, userId, stored.id, stored.version], { record: kept });
      this.#tables.recent.removeSync([tenant, userId, stored.occurred_at.getTime(), stored.id]);
      this.#put(partition, next);
      this.#raise(partition, [next]);
      putAlong(this.#tables, along);
      return true;
    }, join);
  }

  async remove(query: PlannedQuery, targets: readonly Target[], at: Date, epoch: number, join?: Join): Promise<number> {
    const matches = matcher(query);
    const { partition } = query;
    return this.#transaction((along) => {
      this.#assertOpen(
        partition,
        epoch,
        targets.map(({ last }) => last),
      );
      const removed: MemoryRecord[] = [];
      for (const { id, version, last } of targets) {
        const stored = this.#tables.memories.get([partition.tenant, partition.userId, id]);
        if (!matches(stored) || stored.version !== version) continue;
        this.#delete(partition, stored, last, at);
        removed.push(stored);
      }
      if (removed.length) this.#raise(partition, removed);
      if (removed.length === targets.length) putAlong(this.#tables, along);
      return removed.length;
    }, join);
  }

  /** Runs a maintenance act's writes in one transaction. */
  async change<T>(work: () => T): Promise<T> {
    return this.#transaction(work);
  }

  /** Takes a record away with its history; within a transaction. */
  forget(partition: Partition, record: MemoryRecord): void {
    const { tenant, userId } = partition;
    this.forgetStates(partition, record.id);
    const at: unknown = record.occurred_at;
    if (at instanceof Date) this.#tables.recent.removeSync([tenant, userId, at.getTime(), record.id]);
    this.#tables.memories.removeSync([tenant, userId, record.id]);
  }

  /** Takes the states of a memory away; within a transaction. */
  forgetStates(partition: Partition, id: string): void {
    for (const key of [...this.#tables.history.getKeys(ofMemory(partition, id))]) this.#tables.history.removeSync(key);
  }

  /** Puts a partition's row with its revision raised; within a transaction. */
  settle(partition: Partition, nextExpiry: number | undefined): void {
    const { tenant, userId } = partition;
    const before = this.#tables.partitions.get([tenant, userId]);
    const entry: PartitionEntry = {
      revision: (before?.revision ?? 0) + 1,
      createdAt: before?.createdAt ?? new Date(),
      ...(nextExpiry === undefined ? {} : { nextExpiry }),
      ...(before?.fence === undefined ? {} : { fence: before.fence }),
    };
    if (before?.nextExpiry !== nextExpiry) {
      if (before?.nextExpiry !== undefined) this.#tables.due.removeSync([before.nextExpiry, tenant, userId]);
      if (nextExpiry !== undefined) this.#tables.due.putSync([nextExpiry, tenant, userId], true);
    }
    this.#tables.partitions.putSync([tenant, userId], entry);
  }

  // By a memory, or by one that was deleted: a write that is sent again does not bring it back.
  #isTaken({ tenant, userId }: Partition, id: string, past: boolean): boolean {
    return (
      this.#tables.memories.doesExist([tenant, userId, id]) ||
      (past && this.#tables.history.doesExist([tenant, userId, id, 'deleted']))
    );
  }

  // Most users of an import have no history; one look tells, in the place of one a memory.
  #hasPast(partition: Partition): boolean {
    for (const _ of this.#tables.history.getKeys({ ...ofPartition(partition), limit: 1 })) return true;
    return false;
  }

  // S22: a key that was retired or destroyed seals nothing any more, whoever still has it.
  #assertOpen({ tenant, userId }: Partition, epoch: number, sealed: readonly { readonly key_id?: string }[]): void {
    const { partitions, service } = this.#tables;
    const fence = partitions.get([tenant, userId])?.fence;
    if (fence !== undefined && epoch < fence) throw new MemwardenError('epoch_over');
    if (fence !== undefined) return;
    for (const keyId of new Set(sealed.map(({ key_id }) => key_id)))
      if (keyId !== undefined && service.doesExist(['buried', keyId])) throw new MemwardenError('epoch_over');
  }

  #put({ tenant, userId }: Partition, record: MemoryRecord): void {
    this.#tables.memories.putSync([tenant, userId, record.id], record);
    this.#tables.recent.putSync([tenant, userId, record.occurred_at.getTime(), record.id], true);
  }

  #delete(partition: Partition, stored: MemoryRecord, { key_id, bare }: Target['last'], deletedAt: Date): void {
    const { tenant, userId } = partition;
    for (const { key, value } of [...this.#tables.history.getRange(ofMemory(partition, stored.id))]) {
      this.#tables.history.putSync(key, { ...value, record: unsealed(value.record) });
    }
    const last = { ...unsealed(stored), ...(key_id === undefined ? {} : { key_id }), ...(bare ? { bare } : {}) };
    const state: StateEntry = { record: last, deletedAt };
    this.#tables.history.putSync([tenant, userId, stored.id, 'deleted'], state);
    this.#tables.recent.removeSync([tenant, userId, stored.occurred_at.getTime(), stored.id]);
    this.#tables.memories.removeSync([tenant, userId, stored.id]);
  }

  #raise(partition: Partition, records: readonly MemoryRecord[]): void {
    const before = this.#tables.partitions.get([partition.tenant, partition.userId])?.nextExpiry;
    const times = records.flatMap((record) => (record.expires_at ? [record.expires_at.getTime()] : []));
    const earliest = Math.min(before ?? Infinity, ...times);
    this.settle(partition, Number.isFinite(earliest) ? earliest : undefined);
  }

  // A child transaction, because lmdb joins the writes of one tick into one commit and a failure takes back its own only.
  async #transaction<T>(work: (along?: Along) => T, join?: Join): Promise<T> {
    const joined = await join?.();
    try {
      return await this.#tables.write(() => work(joined?.along));
    } finally {
      await joined?.end();
    }
  }
}

function unsealed(record: MemoryRecord): MemoryRecord {
  const clear = { ...record };
  for (const field of SEALED) delete clear[field];
  delete clear.seal;
  return clear;
}

import type { MemoryRecord } from '../../model/fields.js';
import type { Partition } from '../partition.js';
import type { Tables } from './environment.js';
import { ofPartition } from './ranges.js';
import type { EmbeddedWrites } from './writes.js';

/** Purge on the embedded store; there is nothing to repair, for every act is one transaction. */
export class EmbeddedMaintenance {
  readonly #tables: Tables;
  readonly #writes: EmbeddedWrites;

  constructor(tables: Tables, writes: EmbeddedWrites) {
    this.#tables = tables;
    this.#writes = writes;
  }

  partitionsToPurge(now: Date, limit: number, tenant?: string): Promise<Partition[]> {
    this.#tables.root.resetReadTxn();
    const found: Partition[] = [];
    for (const [, of, userId] of this.#tables.due.getKeys({ end: [now.getTime() + 1] })) {
      if (found.length === limit) break;
      if (tenant === undefined || of === tenant) found.push({ tenant: of as string, userId: userId as string });
    }
    return Promise.resolve(found);
  }

  async purge(partition: Partition, now: Date, limit: number): Promise<{ deleted: number; done: boolean }> {
    return this.#writes.change(() => {
      const expired: MemoryRecord[] = [];
      const states: string[] = [];
      let next = Infinity;
      const isDue = (at: unknown, room: boolean): boolean => {
        const time = at instanceof Date ? at.getTime() : NaN;
        if (Number.isNaN(time)) return false;
        if (time <= now.getTime() && room) return true;
        next = Math.min(next, time);
        return false;
      };
      for (const { value: record } of this.#tables.memories.getRange(ofPartition(partition))) {
        if (isDue(record.expires_at, expired.length < limit)) expired.push(record);
      }
      for (const { value } of this.#tables.history.getRange(ofPartition(partition))) {
        if (value.deletedAt && isDue(value.record.expires_at, states.length < limit)) states.push(value.record.id);
      }
      for (const record of expired) this.#writes.forget(partition, record);
      for (const id of states) this.#writes.forgetStates(partition, id);
      // Of one that was forgotten in between no row is made anew.
      if (this.#tables.partitions.doesExist([partition.tenant, partition.userId]))
        this.#writes.settle(partition, Number.isFinite(next) ? next : undefined);
      return { deleted: expired.length, done: next > now.getTime() };
    });
  }

  async withdraw(partition: Partition, author: string, limit: number): Promise<{ deleted: number; done: boolean }> {
    return this.#writes.change(() => {
      const isTheirs = (record: MemoryRecord) => record.author === author;
      const { memories, history, partitions } = this.#tables;
      const gone = [...memories.getRange(ofPartition(partition)).filter(({ value }) => isTheirs(value))].slice(
        0,
        limit,
      );
      for (const { value } of gone) this.#writes.forget(partition, value);
      const states = history.getRange(ofPartition(partition)).filter(({ value }) => isTheirs(value.record));
      const left = [...new Set([...states].map(({ value }) => value.record.id))];
      for (const id of left.slice(0, limit)) this.#writes.forgetStates(partition, id);
      const row = partitions.get([partition.tenant, partition.userId]);
      if (row) this.#writes.settle(partition, row.nextExpiry);
      return { deleted: gone.length, done: gone.length < limit && left.length <= limit };
    });
  }

  partitionsToRepair(): Promise<Partition[]> {
    return Promise.resolve([]);
  }

  repair(): Promise<void> {
    return Promise.resolve();
  }
}

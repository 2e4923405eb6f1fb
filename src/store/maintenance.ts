import type { MemoryRecord } from '../model/fields.js';
import type { Partition } from './partition.js';

/** A stored row as it is, sealed. */
export interface SealedRow {
  /** A memory, or a state in the history. */
  readonly place: 'memory' | 'state';
  readonly record: MemoryRecord;
  /** On the last state of a deleted memory. */
  readonly deletedAt?: Date;
}

/** A row and what comes in its place: the same under another key. */
export interface Resealing {
  readonly row: SealedRow;
  readonly next: MemoryRecord;
}

/** How many rows. */
export interface RowCount {
  readonly memories: number;
  readonly states: number;
}

/**
 * The maintenance acts' way to memories (S16): one partition at a time, sealed rows in and out. Imported by the acts
 * that the shape test lists.
 */
export interface MaintenanceStore {
  /** Partitions that hold something that expires at or before `now`, at most `limit`; of one tenant, where it is given. */
  partitionsToPurge(now: Date, limit: number, tenant?: string): Promise<Partition[]>;
  /**
   * Deletes at most `limit` memories of a partition that expired at or before `now`, with their history.
   *
   * @returns how many, and whether the partition is done
   */
  purge(partition: Partition, now: Date, limit: number): Promise<{ readonly deleted: number; readonly done: boolean }>;
  /** Partitions where a write was begun before `before` and never ended, at most `limit`; of one tenant, where it is given. */
  partitionsToRepair(before: Date, limit: number, tenant?: string): Promise<Partition[]>;
  /** Ends what a writer that died left half done: forward where it was decided, back where it was not. */
  repair(partition: Partition, before: Date): Promise<void>;

  /** At most `limit` partitions after one, in the order of tenant and user. */
  partitions(after: Partition | undefined, limit: number): Promise<Partition[]>;
  /** About how many memories there are in all partitions, for a progress bar. */
  estimate(): Promise<number>;
  /** The sealed memories of a partition in a fixed order, at most `limit` after one; none that a write is under way on. */
  memories(partition: Partition, after: MemoryRecord | undefined, limit: number): Promise<MemoryRecord[]>;
  /**
   * Deletes at most `limit` memories that an author wrote, those that were deleted before included, with their history.
   *
   * @returns how many memories went, and whether nothing of the author is left
   */
  withdraw(
    partition: Partition,
    author: string,
    limit: number,
  ): Promise<{ readonly deleted: number; readonly done: boolean }>;
  /** Raises the revision: views that are kept are built anew. */
  touch(partition: Partition): Promise<void>;
  /** From now on no write of an earlier epoch of the user's keys lands (S22). */
  fence(partition: Partition, epoch: number): Promise<void>;
  /**
   * From now on no write that was sealed under one of these keys makes a partition's row, or lands on one that another
   * key made after it (S22): `fence` goes with the row, this stays. Of the keys of an erased user.
   */
  bury(keyIds: readonly string[]): Promise<void>;
  /** How many rows a partition has. */
  tally(partition: Partition): Promise<RowCount>;
  /**
   * Deletes at most `limit` rows of each kind, whatever is in them.
   *
   * @param keyIds only rows under these keys, where given
   * @returns how many went; when none did, nothing is left
   */
  sweep(partition: Partition, limit: number, keyIds?: readonly string[]): Promise<RowCount>;
  /** Takes the partition's own row away. */
  forget(partition: Partition): Promise<void>;
  /** Partitions that hold a row under one of some keys, at most `limit`. */
  partitionsUnder(keyIds: readonly string[], limit: number): Promise<Partition[]>;
  /** At most `limit` rows of a partition that are not under a key; with `undefined`, that are under none. */
  rowsNotUnder(partition: Partition, keyId: string | undefined, limit: number): Promise<SealedRow[]>;
  /** How many rows of a partition are not under a key; with `undefined`, under none. */
  countNotUnder(partition: Partition, keyId: string | undefined): Promise<number>;
  /**
   * Puts rows in the place of those that still have their version and key. Neither the versions nor the revision
   * change: nothing reads otherwise than before.
   *
   * @returns how many were put
   */
  reseal(partition: Partition, changes: readonly Resealing[]): Promise<number>;
}

import type { Partition } from './partition.js';

/**
 * The maintenance acts' way to memories (S16): one partition at a time, and nothing of a record comes out. Imported by
 * the acts that the shape test lists.
 */
export interface MaintenanceStore {
  /** Partitions that hold something that expires at or before `now`, at most `limit`. */
  partitionsToPurge(now: Date, limit: number): Promise<Partition[]>;
  /**
   * Deletes at most `limit` memories of a partition that expired at or before `now`, with their history.
   *
   * @returns how many, and whether the partition is done
   */
  purge(partition: Partition, now: Date, limit: number): Promise<{ readonly deleted: number; readonly done: boolean }>;
  /** Partitions where a write was begun before `before` and never ended, at most `limit`. */
  partitionsToRepair(before: Date, limit: number): Promise<Partition[]>;
  /** Ends what a writer that died left half done: forward where it was decided, back where it was not. */
  repair(partition: Partition, before: Date): Promise<void>;
}

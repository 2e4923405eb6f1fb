export type { Partition } from '../model/partition.js';

/** A place in a list that is ordered newest first: by `occurred_at`, then by id. */
export interface Position {
  readonly occurredAt: Date;
  readonly id: string;
}

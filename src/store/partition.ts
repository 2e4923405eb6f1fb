/** All memories of one owner. */
export interface Partition {
  readonly tenant: string;
  readonly userId: string;
}

/** A place in a list that is ordered newest first: by `occurred_at`, then by id. */
export interface Position {
  readonly occurredAt: Date;
  readonly id: string;
}

import type { MemoryRecord, OpenFields, SealedName } from './fields.js';

type Awaitable<T> = T | Promise<T>;

/** Where encryption and authentication stand in the way of a read and of a write. */
export interface Sealer {
  /** Seals fields for a record whose clear fields are final, and authenticates those. */
  seal(record: MemoryRecord, fields: OpenFields): Awaitable<MemoryRecord>;
  /** Whether the clear fields of a stored record are those that were sealed (S19). */
  verify(record: MemoryRecord): Awaitable<boolean>;
  /** Opens the named sealed fields of a record, and no others. */
  open(record: MemoryRecord, fields: readonly SealedName[]): Awaitable<OpenFields>;
}

import type { MemoryRecord, OpenFields, SealedName } from './fields.js';

/** A value, or the promise of one where something has to be fetched first. */
export type Awaitable<T> = T | Promise<T>;

/** Whether a value has to be waited for, whatever made it. */
export function isPending<T extends object | boolean>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { readonly then?: unknown }).then === 'function';
}

/**
 * Where encryption and authentication stand in the way of a read and of a write. What can answer at once does: a list
 * asks for every record.
 */
export interface Sealer {
  /** Seals fields for a record whose clear fields are final, and authenticates those. */
  seal(record: MemoryRecord, fields: OpenFields): Awaitable<MemoryRecord>;
  /** Whether the clear fields of a stored record are those that were sealed (S19). */
  verify(record: MemoryRecord): Awaitable<boolean>;
  /** Opens the named sealed fields of a record, and no others. */
  open(record: MemoryRecord, fields: readonly SealedName[]): Awaitable<OpenFields>;
}

import { SEALED, type MemoryRecord } from '../../model/fields.js';

/** A write that is under way on a document: it hides the document from every planned query. */
export interface Act {
  readonly kind: 'insert' | 'delete';
  readonly token: string;
  readonly at: Date;
}

/** A document of the collection `memories`. */
export type MemoryRow = Omit<MemoryRecord, 'id'> & { readonly _id: string; readonly act?: Act };
/** A document of the collection `history`: a past state, or with `deleted_at` the last one of a deleted memory. */
export type HistoryRow = Omit<MemoryRecord, 'id'> & {
  readonly _id: string;
  readonly memory_id: string;
  readonly deleted_at?: Date;
};

/** Takes the sealed fields of a row away, and the MAC over them; `bare` stays right. */
export const UNSEAL: Readonly<Record<string, ''>> = Object.fromEntries([...SEALED, 'seal'].map((field) => [field, '']));

/** A writer that has not ended. */
export interface Writer {
  readonly token: string;
  readonly at: Date;
  /** Set when an insert of several is decided: from then on it is carried through. */
  readonly committed?: boolean;
  /** The memory whose state it may keep in the history. */
  readonly memory?: string;
  /** Set by a repair that takes an insert back: from then on it cannot be decided any more. */
  readonly abandoned?: boolean;
  /** Set by one whose key is buried: it writes nothing, and ends. */
  readonly late?: boolean;
}

/** A document of the collection `partitions`. */
export interface PartitionRow {
  readonly _id: string;
  readonly tenant: string;
  readonly user_id: string;
  readonly revision: number;
  readonly created_at: Date;
  readonly next_expiry?: Date;
  readonly writers?: readonly Writer[];
  /** No write under an earlier epoch of the user's keys lands any more. */
  readonly fence?: number;
  /**
   * Of a row that a writer made, until one has shown that its key is not buried (S22). There is no memory under it: to
   * all but those who insert, it is not there.
   */
  readonly unproven?: boolean;
}

/** A document of the collection `instance_keys`: a key, or under `current:<purpose>` which key is in use. */
export type KeyRow =
  | { readonly _id: string; readonly purpose: string; readonly secret: Buffer; readonly created_at: Date }
  | { readonly _id: string; readonly current: string }
  | { readonly _id: string; readonly head: number }
  | { readonly _id: string; readonly bound: string; readonly until?: Date }
  | { readonly _id: string; readonly buried: true };

/** The id of the document that tells of a key of an erased user. */
export function buriedId(keyId: string): string {
  return `buried:${keyId}`;
}

/** The document that stores a record. */
export function toMemoryRow(record: MemoryRecord, act?: Act): MemoryRow {
  const { id, ...rest } = record;
  return { _id: id, ...rest, ...(act ? { act } : {}) };
}

/** The record of a document. */
export function toRecord(row: MemoryRow): MemoryRecord {
  // A list makes one of these a memory, and copies of rest and spread took several times as long.
  const record: Record<string, unknown> = { id: row._id };
  for (const name of Object.keys(row)) if (!NOT_OF_RECORD.has(name)) record[name] = row[name as keyof MemoryRow];
  return record as unknown as MemoryRecord;
}

// What a document has of its own; `id`, which only a hostile one has, would name another memory, and `__proto__` would
// set the prototype.
const NOT_OF_RECORD = new Set(['_id', 'id', 'act', '__proto__']);

/** The document that keeps a state of a record. */
export function toHistoryRow(record: MemoryRecord, deletedAt?: Date): HistoryRow {
  const { id, ...rest } = record;
  const row = { _id: stateId(id, record.version), memory_id: id, ...rest };
  return deletedAt ? { ...row, deleted_at: deletedAt } : row;
}

/** The state of a history document. */
export function toState(row: HistoryRow): { record: MemoryRecord; deletedAt?: Date } {
  const { _id, memory_id: id, deleted_at: deletedAt, ...rest } = row;
  return { record: { id, ...rest }, ...(deletedAt ? { deletedAt } : {}) };
}

/** Names a state, so that writing it twice writes it once. */
export function stateId(id: string, version: number): string {
  return `${id}:${version}`;
}

/** Names the last state of a deleted memory: another row than the state of that version, which a late writer may put. */
export function lastStateId(id: string): string {
  return `${id}:deleted`;
}

/** Names a partition. A tenant's name has no slash. */
export function partitionId(tenant: string, userId: string): string {
  return `${tenant}/${userId}`;
}

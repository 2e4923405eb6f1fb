import { SEALED, type MemoryRecord, type OpenFields, type SealedName } from '../../src/model/fields.js';
import type { PartitionSealer, Sealer } from '../../src/model/sealer.js';

/**
 * Stores sealed fields as they are and vouches for everything: for tests that put hostile documents past every check,
 * and for measuring what encryption costs. No composition of the product has it.
 */
export const clearKeys: PartitionSealer = {
  erasing: false,
  epoch: 0,
  seal(record, open) {
    const next = unsealed(record);
    if (open.content !== undefined) next.content = open.content;
    if (open.metadata !== undefined) next.metadata = JSON.stringify(open.metadata);
    if (open.speaker !== undefined) next.speaker = open.speaker;
    return next;
  },
  keep: (record) => record,
  bury: unsealed,
  // What is not text was not written by `seal`.
  verify: isInClear,
  verifyState: isInClear,
  verifyClear: () => true,
  isOver: () => false,
  verifyNothing: () => undefined,
  open(record, fields) {
    const open: OpenFields = {};
    for (const field of fields) put(open, field, record[field]);
    return open;
  },
};

export const clearSealer: Sealer = {
  reading: (_, work) => work(clearKeys),
  writing: (_, __, work) => work(clearKeys),
};

function put(open: OpenFields, field: SealedName, value: unknown): void {
  if (typeof value !== 'string' || field === 'vector') return;
  if (field === 'metadata') open.metadata = JSON.parse(value) as NonNullable<OpenFields['metadata']>;
  else open[field] = value;
}

function isInClear(record: MemoryRecord): boolean {
  if (SEALED.some((field) => record[field] !== undefined && typeof record[field] !== 'string')) return false;
  return record.metadata === undefined || isJsonObject(record.metadata as string);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function unsealed(record: MemoryRecord): MemoryRecord {
  const clear = { ...record };
  for (const field of SEALED) delete clear[field];
  return clear;
}

import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Sealer, PartitionSealer } from '../model/sealer.js';
import { SEALED, type MemoryRecord, type OpenFields } from '../model/fields.js';
import type { Partition } from '../model/partition.js';
import type { MaintenanceStore, Resealing, SealedRow } from '../store/maintenance.js';

const BATCH = 500;
const PAGE = 500;

/** Marks a store that holds no row in clear of a version before. */
export const SEALED_MARK = 'sealed';

/** Where that mark is kept. */
export interface SealMarks {
  bound(name: string, value?: string): Promise<string | undefined>;
}

/** What sealing did. */
export interface EncryptionResult {
  readonly partitions: number;
  readonly rows: number;
  /** Rows that hold nothing that could be sealed: nobody can read them; `doctor` counts them. */
  readonly refused: number;
}

/**
 * Seals rows that a version before encryption wrote in clear. In a store that was encrypted from its first row, or that
 * this act has been through, a row in clear was planted: it stays what it is, and is counted as refused. Else what a
 * row says is taken as it is: nothing vouches for it yet. The same call goes on where it stopped, for a row that is
 * sealed names its key.
 */
export async function encryptExisting(
  sealer: Sealer,
  maintenance: MaintenanceStore,
  marks: SealMarks,
  onProgress?: (rows: number) => void,
): Promise<EncryptionResult> {
  const isSealed = (await marks.bound(SEALED_MARK)) !== undefined;
  const result = { partitions: 0, rows: 0, refused: 0 };
  let after: Partition | undefined;
  for (;;) {
    const page = await maintenance.partitions(after, PAGE);
    for (const partition of page) {
      if (isSealed) {
        result.refused += await maintenance.countNotUnder(partition, undefined);
        continue;
      }
      const before = result.rows;
      let refused = 0;
      for (;;) {
        const rows = await maintenance.rowsNotUnder(partition, undefined, BATCH + refused);
        if (rows.length === refused) break;
        const use = { messages: rows.length * SEALED.length * 2, create: true };
        const done = await sealer
          .writing({ partition }, use, async (keys) => {
            const changes = rows.flatMap((row) => sealedOrNone(keys, row));
            refused = rows.length - changes.length;
            return maintenance.reseal(partition, changes);
          })
          .catch((error: unknown) => {
            // Whose keys their owners hold never had rows in clear.
            if (!isMemwardenError(error, 'owner_key_required')) throw error;
            refused = rows.length;
            return 0;
          });
        result.rows += done;
        onProgress?.(result.rows);
        // Others changed them all in between: the next call sees what is left.
        if (done === 0) break;
      }
      result.refused += refused;
      if (result.rows > before) result.partitions += 1;
    }
    after = page.at(-1);
    if (page.length < PAGE) break;
  }
  if (result.refused === 0) await marks.bound(SEALED_MARK, 'yes');
  return result;
}

// What cannot be sealed, for its clear fields are none of a record, must not keep the others in clear.
function sealedOrNone(keys: PartitionSealer, row: SealedRow): Resealing[] {
  try {
    return sealed(keys, row);
  } catch (error) {
    if (isMemwardenError(error, 'internal')) return [];
    throw error;
  }
}

function sealed(keys: PartitionSealer, row: SealedRow): Resealing[] {
  const open = openOf(row.record);
  if (!open) return [];
  const { place, record, deletedAt } = row;
  const isEmptied = place === 'state' && open.content === undefined;
  if (place === 'memory' && open.content === undefined) return [];
  const memory = keys.seal(record, isEmptied ? { content: '' } : open);
  if (deletedAt) return [{ row, next: keys.bury(memory, deletedAt) }];
  if (place === 'memory') return [{ row, next: memory }];
  const state = keys.keep(memory);
  return [{ row, next: isEmptied ? emptied(state) : state }];
}

// Of a deleted memory: its past states have no sealed field any more, and get none.
function emptied(state: MemoryRecord): MemoryRecord {
  const bare = { ...state };
  for (const field of SEALED) delete bare[field];
  delete bare.seal;
  return bare;
}

function openOf(record: MemoryRecord): OpenFields | undefined {
  const open: OpenFields = {};
  for (const field of SEALED) {
    const value = record[field];
    // Made anew from the content.
    if (value === undefined || field === 'vector') continue;
    if (typeof value !== 'string') return undefined;
    if (field !== 'metadata') open[field] = value;
    else {
      const metadata = objectOf(value);
      if (!metadata) return undefined;
      open.metadata = metadata;
    }
  }
  return open;
}

function objectOf(text: string): OpenFields['metadata'] {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as NonNullable<OpenFields['metadata']>) : undefined;
  } catch {
    return undefined;
  }
}

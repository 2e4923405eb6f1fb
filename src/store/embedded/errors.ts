import { constants } from 'node:os';
import { MemwardenError } from '../../errors/memwarden-error.js';

const { ENOSPC, EDQUOT, EFBIG, EIO, EROFS } = constants.errno;
const MAP_FULL = -30_792;
const FULL: readonly unknown[] = [ENOSPC, EDQUOT, EFBIG, MAP_FULL, 'ENOSPC', 'EDQUOT', 'EFBIG'];
// LMDB says the first of a write that the disk took a part of: it is most often full.
const FAILING: readonly unknown[] = [EIO, EROFS, 'EIO', 'EROFS'];

/** The same for what LMDB does at once; the port is for stores that do not. */
// eslint-disable-next-line @typescript-eslint/require-await -- LMDB reads at once; the port is for stores that do not
export const atOnce = <T>(work: () => T): Promise<T> => translated(async () => work());

/**
 * Why a commit failed. lmdb rejects each write with a promise that rejects with the cause, which ends the process where
 * nobody takes it.
 *
 * @returns the error itself where it has no such promise
 */
export async function causeOf(error: unknown): Promise<unknown> {
  const cause: unknown = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  if (!(cause instanceof Promise)) return error;
  return cause.then(
    () => error,
    (told: unknown) => told,
  );
}

/** Runs an operation on LMDB and turns what it throws into an error of the table; no text of it is kept. */
export async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw tableError(error);
  }
}

/**
 * What an error at opening is in the table.
 *
 * @param argument the option that names the folder
 */
export function openingError(error: unknown, argument: string): MemwardenError {
  if (error instanceof MemwardenError) return error;
  const told = tableError(error);
  return told.code === 'store_unwritable' ? told : new MemwardenError('store_unavailable', { argument });
}

// What an error of LMDB, or of the file system below it, is in the table.
function tableError(error: unknown): MemwardenError {
  if (error instanceof MemwardenError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = error instanceof Error ? error.message : '';
  if (FULL.includes(code) || /MDB_MAP_FULL|No space left/i.test(text))
    return new MemwardenError('store_unwritable', { reason: 'no room left' });
  if (FAILING.includes(code))
    return new MemwardenError('store_unwritable', { reason: 'a write failed or was cut short' });
  if (/closed|not open|ENOENT|EACCES|I\/O/i.test(text))
    return new MemwardenError('store_unavailable', { reason: 'not usable' });
  return new MemwardenError('store_refused');
}

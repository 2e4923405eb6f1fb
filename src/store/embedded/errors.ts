import { MemwardenError } from '../../errors/memwarden-error.js';

/** The same for what LMDB does at once; the port is for stores that do not. */
// eslint-disable-next-line @typescript-eslint/require-await -- LMDB reads at once; the port is for stores that do not
export const atOnce = <T>(work: () => T): Promise<T> => translated(async () => work());

/** Runs an operation on LMDB and turns what it throws into an error of the table; no text of it is kept. */
export async function translated<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof MemwardenError) throw error;
    const text = error instanceof Error ? error.message : '';
    const full = /MDB_MAP_FULL|ENOSPC|No space left/i.test(text);
    const gone = /closed|not open|ENOENT|EACCES|EIO|I\/O/i.test(text);
    if (full || gone) throw new MemwardenError('store_unavailable', { reason: full ? 'no space left' : 'not usable' });
    throw new MemwardenError('store_refused');
  }
}

import { statfsSync, type StatsFs } from 'node:fs';
import { MemwardenError } from '../../errors/memwarden-error.js';

/** What must be free on the disk before something is written to it, in bytes. */
export const RESERVE = 16 * 1024 * 1024;

/**
 * Asks the file system before a commit does. On a full disk, lmdb 3.5.6 writes its message about the failed write past
 * the end of 100 bytes of the heap (`mdb_page_flush`), and a new memory map of its locks ends the process: neither may
 * be let happen. A quota does not show here; there the commit fails.
 *
 * @throws MemwardenError store_unwritable
 */
export function assertRoom(path: string): void {
  const found = statsOf(path);
  // File systems that do not tell have no blocks.
  if (found && found.blocks > 0 && found.bavail * found.bsize < RESERVE)
    throw new MemwardenError('store_unwritable', { reason: 'no room left' });
}

function statsOf(path: string): StatsFs | undefined {
  try {
    return statfsSync(path);
  } catch {
    return undefined;
  }
}

import { isMemwardenError } from '../errors/memwarden-error.js';
import type { KeyUse, PartitionSealer, Sealer, Unlock } from '../model/sealer.js';

const ATTEMPTS = 5;

/**
 * Writes under the key in use. Where the key was retired, or an access list changed, between taking it and the write,
 * nothing landed: the next key is taken. The list is asked again under each key: what it said before the key was taken may
 * be over, and the epoch of that key began after it.
 */
export async function underKey<T>(
  sealer: Sealer,
  unlock: Unlock & { renew?(): Promise<void> },
  use: KeyUse,
  work: (keys: PartitionSealer) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sealer.writing(unlock, use, async (keys) => {
        await unlock.renew?.();
        return work(keys);
      });
    } catch (error) {
      if (attempt === ATTEMPTS || !isMemwardenError(error, 'epoch_over')) throw error;
    }
  }
}

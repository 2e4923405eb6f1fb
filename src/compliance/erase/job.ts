import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErasureJob, KeyRing } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';

/** The erasure that a key record is under. */
export function jobOf(ring: KeyRing): ErasureJob {
  if (!ring.erasure) throw new MemwardenError('internal');
  return ring.erasure;
}

/** Whose key record it is. */
export function nameOf({ tenant, userId }: Partition): Partition {
  return { tenant, userId };
}

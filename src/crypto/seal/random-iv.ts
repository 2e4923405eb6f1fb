import { randomFillSync } from 'node:crypto';

/** The length of an initialisation vector: 96 bits. */
export const IV_BYTES = 12;

const pool = Buffer.alloc(IV_BYTES * 512);
let at = pool.length;

/** Puts a fresh random initialisation vector at an offset. Drawn in bulk, because a draw costs as much as a seal. */
export function putIv(into: Buffer, offset: number): void {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  // INVARIANT: bytes are passed over before they are used, and are gone after it, so that none serves twice.
  const from = at;
  at += IV_BYTES;
  into.set(pool.subarray(from, at), offset);
  pool.fill(0, from, at);
}

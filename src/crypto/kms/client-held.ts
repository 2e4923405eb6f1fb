import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Kms } from '../../model/kms.js';
import { Kek, KEK_BYTES } from './kek.js';

const DRIVER = 'client-held';

/**
 * Wraps under a key that the application holds and gives with each request, so that who runs memwarden cannot read. Made
 * for one request and closed at its end; what it unwraps belongs in no cache.
 *
 * @param ownerKey 32 random bytes; they stay the caller's, who wipes them. Without one every call is refused
 * @throws MemwardenError invalid_argument where it is not 32 bytes, or all of them are the same: a buffer that was wiped,
 * or never filled
 */
export function openClientHeld(ownerKey: Uint8Array | undefined): Kms {
  if (ownerKey === undefined) return withoutKey;
  const isKey = ArrayBuffer.isView(ownerKey) && ownerKey.length === KEK_BYTES;
  if (!isKey || ownerKey.every((byte) => byte === ownerKey[0]))
    throw new MemwardenError('invalid_argument', { argument: 'ownerKey' });
  const kek = new Kek(ownerKey, DRIVER);
  return {
    kekId: `${DRIVER}:${kek.id}`,
    wrap: (key, context) => promised(() => kek.wrap(key, context)),
    unwrap: (wrapped, context) => promised(() => kek.unwrap(wrapped, context)),
    close: () => promised(() => kek.wipe()),
  };
}

const refuse = () => Promise.reject(new MemwardenError('owner_key_required'));
const withoutKey: Kms = { kekId: `${DRIVER}:none`, wrap: refuse, unwrap: refuse, close: () => Promise.resolve() };

function promised<T>(act: () => T): Promise<T> {
  return new Promise((done) => done(act()));
}

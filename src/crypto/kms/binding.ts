import { createHmac } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyContext } from '../../model/kms.js';
import { isText } from '../../model/text.js';

/** Bytes of the salt that a binding is made with. */
export const SALT_BYTES = 32;
/** Bytes of a binding. */
export const BINDING_BYTES = 32;

const DOMAIN = 'memwarden key context v1';
const PURPOSE = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * A context as bytes: every part after its length (4 bytes, big-endian) in UTF-8, so that no two contexts share theirs.
 *
 * @throws MemwardenError invalid_argument where a part is not well-formed Unicode: two of those could share their bytes
 */
export function contextBytes(context: KeyContext): Buffer {
  const { tenant, userId, keyId, purpose } = context;
  for (const [argument, value] of Object.entries({ tenant, userId, keyId })) {
    if (!isText(value)) throw new MemwardenError('invalid_argument', { argument });
  }
  if (typeof purpose !== 'string' || !PURPOSE.test(purpose))
    throw new MemwardenError('invalid_argument', { argument: 'purpose' });
  return Buffer.concat([DOMAIN, tenant, userId, keyId, purpose].flatMap(lengthPrefixed));
}

/**
 * What a key service is shown of a context: HMAC-SHA-256, over the header of the wrapped key (which tells its own length)
 * and the context, under a random salt that is kept beside the wrapped key and never leaves for the service. Key services log what they are shown (CloudTrail in clear), for longer than a user
 * stays: an unsalted digest of a user id could be found by trying user ids, and after an erasure still be tied to the
 * certificate, which names key ids. The salt is destroyed with the wrapped key.
 */
export function bindingOf(salt: Uint8Array, header: Uint8Array, context: KeyContext): Buffer {
  return createHmac('sha256', salt).update(header).update(contextBytes(context)).digest();
}

function lengthPrefixed(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

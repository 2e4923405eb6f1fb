import { timingSafeEqual } from 'node:crypto';
import { types } from 'node:util';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { SEALED, type MemoryRecord, type SealedName } from '../../model/fields.js';
import { decrypt, encrypt, TAG_BYTES } from './aead.js';
import { ByteWriter } from './byte-writer.js';
import { FORMAT_VERSION, HEADER_BYTES, KEY_ID_BYTES, prefixed, type DerivedKeys } from './key-schedule.js';
import { IV_BYTES, putIv } from './random-iv.js';

/** Whose value it is: the record, at the version that it was sealed at. */
export type Place = Readonly<Pick<MemoryRecord, 'tenant' | 'user_id' | 'id' | 'version'>>;
/** The kinds of record that have sealed fields. */
export type SealedKind = 'memory' | 'history';

const BODY = HEADER_BYTES + IV_BYTES;

/** The length of a sealed value of which nothing but the text is missing. */
export const SEALED_OVERHEAD = BODY + TAG_BYTES;

const VERSION = prefixed(Buffer.from([FORMAT_VERSION]));
const KEY_ID_LENGTH = prefixed(Buffer.alloc(KEY_ID_BYTES)).subarray(0, 4);
const KINDS: Readonly<Record<string, Buffer>> = {
  memory: prefixed(Buffer.from('memory')),
  history: prefixed(Buffer.from('history')),
} satisfies Record<SealedKind, Buffer>;
const NAMES: ReadonlyMap<string, Buffer> = new Map(SEALED.map((name) => [name, prefixed(Buffer.from(name))]));

const writer = new ByteWriter();

/**
 * Seals one value: `format version 1 | key id 16 | commitment 32 | IV 12 | ciphertext | tag 16`, AES-256-GCM
 * (NIST SP 800-38D) with a random 96-bit IV; place, kind, field and key id are associated data.
 *
 * @param plain bytes, or a text, which stands for its UTF-8
 * @throws MemwardenError internal where place or text is malformed or the keys were wiped
 */
export function sealValue(
  keys: DerivedKeys,
  place: Place,
  kind: SealedKind,
  field: SealedName,
  plain: string | Uint8Array,
): Buffer {
  const data = associatedData(keys, place, kind, field);
  // A lone surrogate would not come back.
  if (!data || (typeof plain === 'string' && !plain.isWellFormed())) throw new MemwardenError('internal');
  const iv = Buffer.allocUnsafe(IV_BYTES);
  putIv(iv, 0);
  const { text, tag } = encrypt(keys.encryption, iv, data, plain);
  const sealed = Buffer.allocUnsafe(SEALED_OVERHEAD + text.length);
  sealed.set(keys.header);
  sealed.set(iv, HEADER_BYTES);
  sealed.set(text, BODY);
  sealed.set(tag, BODY + text.length);
  return sealed;
}

/**
 * Opens one sealed value. Format version, key id and commitment are compared in constant time before anything is
 * decrypted, so that a ciphertext made for two keys opens under neither but its own; not a byte leaves before the
 * whole is authentic.
 *
 * @param sealed whatever the store holds
 * @throws MemwardenError unauthentic; internal where the keys were wiped
 */
export function openValue(
  keys: DerivedKeys,
  place: Place,
  kind: SealedKind,
  field: SealedName,
  sealed: unknown,
): Buffer {
  const key = keys.encryption;
  if (!types.isUint8Array(sealed) || sealed.length < SEALED_OVERHEAD) throw unauthentic();
  if (!timingSafeEqual(sealed.subarray(0, HEADER_BYTES), keys.header)) throw unauthentic();
  const data = associatedData(keys, place, kind, field);
  if (!data) throw unauthentic();
  const tagAt = sealed.length - TAG_BYTES;
  const iv = sealed.subarray(HEADER_BYTES, BODY);
  const plain = decrypt(key, iv, data, sealed.subarray(BODY, tagAt), sealed.subarray(tagAt));
  if (!plain) throw unauthentic();
  return plain;
}

/** What says that a stored value is not what was sealed, and nothing about what it holds. */
export function unauthentic(): MemwardenError {
  return new MemwardenError('unauthentic');
}

// Length-prefixed: format version, tenant, user id, memory id, record kind, field, record version, key id. Undefined
// where a part is none, which no caller with types can bring about and a stored row can.
function associatedData(keys: DerivedKeys, place: Place, kind: string, field: string): Buffer | undefined {
  const kindItem = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const fieldItem = NAMES.get(field);
  const { tenant, user_id: userId, id, version } = place as Readonly<Record<keyof Place, unknown>>;
  if (!kindItem || !fieldItem || !Number.isSafeInteger(version) || (version as number) < 1) return undefined;
  writer.begin();
  writer.raw(VERSION);
  for (const part of [tenant, userId, id]) if (typeof part !== 'string' || !writer.text(part)) return undefined;
  writer.raw(kindItem);
  writer.raw(fieldItem);
  writer.integer(version as number);
  writer.raw(KEY_ID_LENGTH);
  writer.raw(keys.header.subarray(1, 1 + KEY_ID_BYTES));
  return writer.bytes();
}

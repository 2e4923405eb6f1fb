import { hkdfSync, randomBytes } from 'node:crypto';
import { types } from 'node:util';
import { MemwardenError } from '../../errors/memwarden-error.js';

/** The version of the sealed format: the first byte of everything that it makes (docs/format.md). */
export const FORMAT_VERSION = 1;
/** How many bytes name a key version. */
export const KEY_ID_BYTES = 16;
/** What a value sealed under a key begins with: format version, key id, commitment. */
export const HEADER_BYTES = 1 + KEY_ID_BYTES + 32;

const KEY_BYTES = 32;
const KEY_ID = /^[0-9a-f]{32}$/;
const SECRET = /^[0-9a-f]{64}$/;
const NAME = Buffer.from('memwarden sealed format 1');
const AUTHOR = Buffer.from('memwarden author 1');
const EMPTY = new Uint8Array(0);

/**
 * What one key version seals with (S23). The two secret keys are handed out until `wipe`; from then on asking for one
 * throws, so that nothing is ever sealed under zeros.
 */
export class DerivedKeys {
  /** 32 hexadecimal digits. */
  readonly keyId: string;
  /** Format version, key id and commitment; nothing of it is secret. */
  readonly header: Buffer;
  readonly #material: Buffer;
  readonly #encryption: Buffer;
  readonly #mac: Buffer;
  readonly #authors: Buffer;
  #wiped = false;

  /** @param material 96 bytes: encryption key, MAC key, commitment; 32 more that keys of authors come from. Kept, not copied. */
  constructor(keyId: string, material: Buffer) {
    this.keyId = keyId;
    this.#material = material;
    this.#encryption = material.subarray(0, 32);
    this.#mac = material.subarray(32, 64);
    this.#authors = material.subarray(96);
    // Not of the pool, 8 KiB of which each held key would keep.
    this.header = Buffer.alloc(HEADER_BYTES);
    this.header[0] = FORMAT_VERSION;
    this.header.write(keyId, 1, 'hex');
    material.copy(this.header, 1 + KEY_ID_BYTES, 64, 96);
  }

  /** The key of AES-256-GCM. */
  get encryption(): Buffer {
    if (this.#wiped) throw new MemwardenError('internal');
    return this.#encryption;
  }

  /** The key of HMAC-SHA-256. */
  get mac(): Buffer {
    if (this.#wiped) throw new MemwardenError('internal');
    return this.#mac;
  }

  /** What the keys of the authors in a shared space come from. */
  get authors(): Buffer {
    if (this.#wiped) throw new MemwardenError('internal');
    return this.#authors;
  }

  /** Overwrites the keys with zeros. */
  wipe(): void {
    this.#wiped = true;
    this.#material.fill(0);
  }
}

/**
 * Makes of a user's key what one key version seals with: one HKDF-SHA-256 (RFC 5869) without salt, whose info binds
 * the name of the format and the key id, gives encryption key, MAC key, commitment and what keys of authors come from,
 * 32 bytes each (S23).
 *
 * @param key 32 bytes; not kept. All zeros, which is what a wiped key looks like, is refused
 * @param keyId 32 hexadecimal digits in lower case
 * @throws MemwardenError internal where key or key id is none
 */
export function deriveKeys(key: Uint8Array, keyId: string): DerivedKeys {
  if (!types.isUint8Array(key) || key.length !== KEY_BYTES || !KEY_ID.test(keyId) || key.every((byte) => byte === 0))
    throw new MemwardenError('internal');
  const info = Buffer.concat([prefixed(NAME), prefixed(Buffer.from(keyId, 'hex'))]);
  return new DerivedKeys(keyId, Buffer.from(hkdfSync('sha256', key, EMPTY, info, 128)));
}

/**
 * Makes of one key version of a space what seals the memories of one author in it: HKDF-SHA-256 (RFC 5869), the author's
 * secret as its salt. Without either of the two nothing of the author opens.
 *
 * @param secret 64 hexadecimal digits, random
 * @param author names the secret: 32 hexadecimal digits
 * @throws MemwardenError internal where the secret is none, or the keys are an author's themselves
 */
export function deriveAuthorKeys(keys: DerivedKeys, author: string, secret: string): DerivedKeys {
  if (!SECRET.test(secret) || !KEY_ID.test(author) || keys.authors.length !== KEY_BYTES)
    throw new MemwardenError('internal');
  const info = Buffer.concat([AUTHOR, Buffer.from(keys.keyId, 'hex'), Buffer.from(author, 'hex')].map(prefixed));
  return new DerivedKeys(
    keys.keyId,
    Buffer.from(hkdfSync('sha256', keys.authors, Buffer.from(secret, 'hex'), info, 96)),
  );
}

/** Overwrites keys with zeros; whoever still uses them gets MemwardenError internal. */
export function wipe(keys: DerivedKeys): void {
  keys.wipe();
}

/** A new random key id: 32 hexadecimal digits. */
export function newKeyId(): string {
  return randomBytes(KEY_ID_BYTES).toString('hex');
}

/** Bytes behind their length, 4 bytes big-endian: how the format joins what varies in length. */
export function prefixed(bytes: Uint8Array): Buffer {
  const item = Buffer.alloc(4 + bytes.length);
  item.writeUInt32BE(bytes.length);
  item.set(bytes, 4);
  return item;
}

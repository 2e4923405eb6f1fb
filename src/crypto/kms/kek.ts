import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { KeyContext } from '../../model/kms.js';
import { contextBytes } from './binding.js';
import { assertKey, headerOf, parseWrapped, refused, type KmsDriver } from './wrapped.js';

/** Bytes of a key-encryption key. */
export const KEK_BYTES = 32;

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CHECK_BYTES = 16;

/** A key-encryption key that is held in this process: AES-256-GCM under a key derived from it. */
export class Kek {
  readonly #driver: KmsDriver;
  readonly #key: Buffer;
  /** Its check value, in hex: tells one key from another and nothing else about it. */
  readonly id: string;
  #wiped = false;

  /** @param secret 32 bytes; they stay the caller's, who wipes them */
  constructor(secret: Uint8Array, driver: KmsDriver) {
    this.#driver = driver;
    this.id = checkValue(secret);
    this.#key = derive(secret, 'wrap', KEK_BYTES);
  }

  /**
   * Body of a wrapped key: IV (12 random bytes), ciphertext, tag (16 bytes). The associated data is the header and the
   * context. One key makes at most 2^32 of them (NIST SP 800-38D, 8.3).
   */
  wrap(key: Uint8Array, context: KeyContext): Buffer {
    this.#assertHeld();
    assertKey(key);
    const header = headerOf(this.#driver, this.id);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.concat([header, contextBytes(context)]));
    return Buffer.concat([header, iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws MemwardenError key_refused */
  unwrap(wrapped: Uint8Array, context: KeyContext): Buffer {
    this.#assertHeld();
    const { kek, header, body } = parseWrapped(wrapped, this.#driver);
    if (kek !== this.id) throw refused(this.#driver, 'wrapped under another key-encryption key');
    if (body.length <= IV_BYTES + TAG_BYTES) throw refused(this.#driver, 'not a wrapped key');
    const decipher = createDecipheriv(CIPHER, this.#key, body.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.concat([header, contextBytes(context)]));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    const key = decipher.update(body.subarray(IV_BYTES, -TAG_BYTES));
    try {
      decipher.final();
    } catch {
      key.fill(0);
      throw refused(this.#driver, 'not authentic in this context');
    }
    return key;
  }

  wipe(): void {
    this.#wiped = true;
    this.#key.fill(0);
  }

  // A wiped key is all zeros, and those would wrap too.
  #assertHeld(): void {
    if (this.#wiped) throw new MemwardenError('closed');
  }
}

/** The check value of a key-encryption key, 32 hex digits. It is derived, so that it says nothing about the key. */
export function checkValue(secret: Uint8Array): string {
  return derive(secret, 'check', CHECK_BYTES).toString('hex');
}

// RFC 5869. The secret is uniformly random, so that no salt is needed (3.1).
function derive(secret: Uint8Array, use: string, length: number): Buffer {
  if (secret.length !== KEK_BYTES) throw new MemwardenError('internal');
  return Buffer.from(hkdfSync('sha256', secret, '', `memwarden key-encryption key v1 ${use}`, length));
}

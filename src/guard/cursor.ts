import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { UUID } from 'uuidv7';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { CursorKeys } from '../model/cursor-keys.js';

const VERSION = 1;
const HOUR = 3_600_000;
const LIFETIME = 24 * HOUR;
const HEADER = 17;
const NONCE = 12;
const TAG = 16;
const MAX_LENGTH = 4_096;

/**
 * Cursors (S12): `version(1) key-id(16) nonce(12) ciphertext tag(16)`, base64url. AES-256-GCM with a synthetic nonce,
 * the first 12 bytes of HMAC-SHA-256 over context and text, so that the same place makes the same cursor and nothing
 * of the sort values shows; the context (who, where, what, which filter and order) is associated data, so that a
 * cursor serves no other call. The time of issue counts in whole hours, which keeps cursors equal from call to call.
 */
export class Cursors {
  readonly #keys: CursorKeys;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  /** @param lifetimeMs how long a cursor can be continued, a day where it is not given */
  constructor(keys: CursorKeys, clock: Clock, lifetimeMs = LIFETIME) {
    this.#keys = keys;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** @param place the sort values of the last released record */
  async seal(context: readonly string[], place: readonly (string | number)[]): Promise<string> {
    const key = await this.#keys.current();
    const issued = Math.floor(this.#clock().getTime() / HOUR) * HOUR;
    const text = Buffer.from(JSON.stringify([issued, ...place]));
    const header = Buffer.concat([Buffer.from([VERSION]), UUID.parse(key.id).bytes]);
    const data = associated(header, context);
    const { encryption, mac } = split(key.secret);
    const nonce = synthetic(mac, data, text);
    const cipher = createCipheriv('aes-256-gcm', encryption, nonce, { authTagLength: TAG }).setAAD(data);
    return Buffer.concat([header, nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws MemwardenError invalid_cursor for every cursor that `seal` did not make for this context within their lifetime */
  async open(context: readonly string[], cursor: string): Promise<(string | number)[]> {
    const bytes = cursor.length <= MAX_LENGTH ? Buffer.from(cursor, 'base64url') : Buffer.alloc(0);
    if (bytes.length <= HEADER + NONCE + TAG || bytes[0] !== VERSION || bytes.toString('base64url') !== cursor)
      throw invalid();
    const header = bytes.subarray(0, HEADER);
    const key = await this.#keys.byId(UUID.ofInner(Uint8Array.from(header.subarray(1))).toString());
    if (!key) throw invalid();
    const data = associated(header, context);
    const { encryption, mac } = split(key.secret);
    const nonce = bytes.subarray(HEADER, HEADER + NONCE);
    let text: Buffer;
    try {
      const decipher = createDecipheriv('aes-256-gcm', encryption, nonce, { authTagLength: TAG }).setAAD(data);
      decipher.setAuthTag(bytes.subarray(-TAG));
      text = Buffer.concat([decipher.update(bytes.subarray(HEADER + NONCE, -TAG)), decipher.final()]);
    } catch {
      throw invalid();
    }
    if (!timingSafeEqual(nonce, synthetic(mac, data, text))) throw invalid();
    const [issued, ...place] = JSON.parse(text.toString()) as [number, ...(string | number)[]];
    const age = this.#clock().getTime() - issued;
    // Another process's clock may be ahead of this one's across the turn of an hour.
    if (age < -HOUR || age >= this.#lifetimeMs) throw invalid();
    return place;
  }
}

function split(secret: Buffer): { encryption: Buffer; mac: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'memwarden cursor 1', 64));
  return { encryption: bytes.subarray(0, 32), mac: bytes.subarray(32) };
}

function associated(header: Buffer, context: readonly string[]): Buffer {
  const parts = context.flatMap((part) => [`${Buffer.byteLength(part)}:`, part]);
  return createHash('sha256').update(header).update(parts.join('')).digest();
}

function synthetic(mac: Buffer, data: Buffer, text: Buffer): Buffer {
  return createHmac('sha256', mac).update(data).update(text).digest().subarray(0, NONCE);
}

function invalid(): MemwardenError {
  return new MemwardenError('invalid_cursor');
}

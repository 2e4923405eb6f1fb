import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { UUID } from 'uuidv7';
import type { CursorKeys } from '../model/cursor-keys.js';

const VERSION = 1;
const HEADER = 17;
const NONCE = 12;
const TAG = 16;
const MAX_LENGTH = 16_384;

interface SplitKey {
  readonly encryption: Buffer;
  readonly mac: Buffer;
}

/**
 * Short texts that go out to a caller and come back: `version(1) key-id(16) nonce(12) ciphertext tag(16)`, base64url.
 * AES-256-GCM with a synthetic nonce, the first 12 bytes of HMAC-SHA-256 over context and text, so that the same text
 * makes the same token and nothing of it shows; the context is associated data, so that a token serves nothing else.
 */
export class SealedTexts {
  readonly #keys: CursorKeys;
  readonly #purpose: string;
  readonly #splits = new WeakMap<Buffer, SplitKey>();

  /** @param purpose what HKDF derives the keys for */
  constructor(keys: CursorKeys, purpose: string) {
    this.#keys = keys;
    this.#purpose = purpose;
  }

  /** @returns the token of a text, for one context */
  async seal(context: readonly string[], text: string): Promise<string> {
    const key = await this.#keys.current();
    const clear = Buffer.from(text);
    const header = Buffer.concat([Buffer.from([VERSION]), UUID.parse(key.id).bytes]);
    const data = associated(header, context);
    const { encryption, mac } = this.#split(key.secret);
    const nonce = synthetic(mac, data, clear);
    const cipher = createCipheriv('aes-256-gcm', encryption, nonce, { authTagLength: TAG }).setAAD(data);
    return Buffer.concat([header, nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @returns the text of a token; undefined for every token that `seal` did not make for this context */
  async open(context: readonly string[], token: string): Promise<string | undefined> {
    const bytes = token.length <= MAX_LENGTH ? Buffer.from(token, 'base64url') : Buffer.alloc(0);
    if (bytes.length <= HEADER + NONCE + TAG || bytes[0] !== VERSION || bytes.toString('base64url') !== token)
      return undefined;
    const header = bytes.subarray(0, HEADER);
    const key = await this.#keys.byId(UUID.ofInner(Uint8Array.from(header.subarray(1))).toString());
    if (!key) return undefined;
    const data = associated(header, context);
    const { encryption, mac } = this.#split(key.secret);
    const nonce = bytes.subarray(HEADER, HEADER + NONCE);
    const clear = decrypted(encryption, nonce, data, bytes);
    if (!clear || !timingSafeEqual(nonce, synthetic(mac, data, clear))) return undefined;
    return clear.toString();
  }

  /** A name for some texts that tells nothing of them, and that only who has the key can make. */
  async nameOf(...parts: readonly string[]): Promise<string> {
    const { secret } = await this.#keys.current();
    return createHmac('sha256', this.#split(secret).mac).update(lengthPrefixed(parts)).digest('base64url');
  }

  #split(secret: Buffer): SplitKey {
    const found = this.#splits.get(secret);
    if (found) return found;
    const bytes = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), this.#purpose, 64));
    const split = { encryption: bytes.subarray(0, 32), mac: bytes.subarray(32) };
    this.#splits.set(secret, split);
    return split;
  }
}

function decrypted(encryption: Buffer, nonce: Buffer, data: Buffer, bytes: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', encryption, nonce, { authTagLength: TAG }).setAAD(data);
    decipher.setAuthTag(bytes.subarray(-TAG));
    return Buffer.concat([decipher.update(bytes.subarray(HEADER + NONCE, -TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function associated(header: Buffer, context: readonly string[]): Buffer {
  return createHash('sha256').update(header).update(lengthPrefixed(context)).digest();
}

function lengthPrefixed(parts: readonly string[]): string {
  return parts.flatMap((part) => [`${Buffer.byteLength(part)}:`, part]).join('');
}

function synthetic(mac: Buffer, data: Buffer, text: Buffer): Buffer {
  return createHmac('sha256', mac).update(data).update(text).digest().subarray(0, NONCE);
}

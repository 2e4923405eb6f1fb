import { decrypt, encrypt, TAG_BYTES } from './aead.js';
import { IV_BYTES, putIv } from './random-iv.js';

/**
 * Seals bytes that stand alone, outside of any record: random nonce, ciphertext, tag (AES-256-GCM).
 *
 * @param key 32 bytes
 * @param data what is authenticated beside them, so that they open in one place alone
 */
export function box(key: Buffer, data: Buffer, plain: Uint8Array | string): Buffer {
  const iv = Buffer.alloc(IV_BYTES);
  putIv(iv, 0);
  const { text, tag } = encrypt(key, iv, data, plain);
  return Buffer.concat([iv, text, tag]);
}

/** What was sealed; undefined where it is not what `box` made with this key and data. */
export function unbox(key: Buffer, data: Buffer, boxed: Buffer): Buffer | undefined {
  if (boxed.length < IV_BYTES + TAG_BYTES) return undefined;
  const text = boxed.subarray(IV_BYTES, -TAG_BYTES);
  return decrypt(key, boxed.subarray(0, IV_BYTES), data, text, boxed.subarray(-TAG_BYTES));
}

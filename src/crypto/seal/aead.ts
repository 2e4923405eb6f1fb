import { createCipheriv, createDecipheriv } from 'node:crypto';

const CIPHER = 'aes-256-gcm';

/** The length of the tag: always the whole one. */
export const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * AES-256-GCM (NIST SP 800-38D).
 *
 * @param key 32 bytes
 * @param iv 12 bytes that this key has never seen
 * @param plain a text stands for its UTF-8
 */
export function encrypt(
  key: Buffer,
  iv: Buffer,
  associated: Uint8Array,
  plain: string | Uint8Array,
): { readonly text: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv(CIPHER, key, iv, OPTIONS);
  cipher.setAAD(associated);
  const text = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  return { text, tag: cipher.getAuthTag() };
}

/**
 * The inverse. Nothing is answered before the tag is found right; what was decrypted until then is overwritten where
 * it is not.
 *
 * @param tag 16 bytes, no fewer
 * @returns undefined where it is not authentic
 */
export function decrypt(
  key: Buffer,
  iv: Uint8Array,
  associated: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  let plain: Buffer | undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, OPTIONS);
    decipher.setAAD(associated);
    decipher.setAuthTag(tag);
    plain = decipher.update(text);
    decipher.final();
    return plain;
  } catch {
    plain?.fill(0);
    return undefined;
  }
}

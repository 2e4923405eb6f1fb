import { MemwardenError } from '../../errors/memwarden-error.js';
import { checkValue, KEK_BYTES } from './kek.js';

const HEAD = Buffer.from('memwarden-kek-v1 ', 'ascii');
const CHECK_DIGITS = 32;
const HEX = Buffer.from('0123456789abcdef', 'ascii');

/** Bytes of a key file. */
export const KEY_FILE_BYTES = HEAD.length + KEK_BYTES * 2 + 1 + CHECK_DIGITS + 1;

/**
 * The text of a key file: `memwarden-kek-v1`, the key (64 hex digits), its check value (32 hex digits), parted by single
 * spaces and ended by a line feed. Made and read as bytes: a string cannot be wiped.
 */
export function writeKeyFileText(secret: Uint8Array): Buffer {
  const text = Buffer.alloc(KEY_FILE_BYTES, ' ');
  HEAD.copy(text);
  secret.forEach((byte, i) => {
    text[HEAD.length + 2 * i] = HEX[byte >> 4] ?? 0;
    text[HEAD.length + 2 * i + 1] = HEX[byte & 15] ?? 0;
  });
  text.write(`${checkValue(secret)}\n`, HEAD.length + KEK_BYTES * 2 + 1, 'ascii');
  return text;
}

/**
 * @returns the key, in a buffer that the caller wipes
 * @throws MemwardenError key_file_invalid where a byte is missing, too many or another than was written
 */
export function readKeyFileText(text: Uint8Array, path: string): Buffer {
  const secret = Buffer.alloc(KEK_BYTES);
  const digit = (i: number) => HEX.indexOf(text[HEAD.length + i] ?? 0);
  let whole = text.length === KEY_FILE_BYTES;
  for (let i = 0; whole && i < KEK_BYTES; i += 1) {
    const [high, low] = [digit(2 * i), digit(2 * i + 1)];
    whole = high >= 0 && low >= 0;
    secret[i] = (high << 4) | low;
  }
  const again = whole ? writeKeyFileText(secret) : Buffer.alloc(0);
  const same = whole && again.equals(text);
  again.fill(0);
  if (same) return secret;
  secret.fill(0);
  throw new MemwardenError('key_file_invalid', { file: path });
}

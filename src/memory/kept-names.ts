import { SealedTexts } from '../guard/sealed-text.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { NameOf } from '../model/name-of.js';

/** What makes keyed names: HMAC-SHA-256. @param keys instance keys that are never rotated, so that a name stays */
export function keptNames(keys: CursorKeys): NameOf {
  const texts = new SealedTexts(keys, 'memwarden name 1');
  return (...parts) => texts.nameOf(...parts);
}

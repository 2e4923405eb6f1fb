// S3: strings are compared as they are. Nothing here trims, folds or normalises.

// Most ids are of these alone, which are told apart several times faster than by the properties of Unicode.
const PLAIN = /^[\x21-\x7e]+$/;
const NOT_IN_IDS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** The most code points that a user, principal, agent, app or session id may have. */
export const MAX_ID_CODE_POINTS = 256;

/** Whether a value is a string without lone surrogates. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

/**
 * Whether a value may name something: a primitive, well-formed string of 1 to 256 code points without control,
 * format, private-use, unassigned or line and paragraph separator characters (S3).
 */
export function isId(value: unknown): value is string {
  return (
    isText(value) &&
    value !== '' &&
    value.length <= MAX_ID_CODE_POINTS * 2 &&
    fits(value) &&
    (PLAIN.test(value) || !NOT_IN_IDS.test(value))
  );
}

function fits(value: string): boolean {
  if (value.length <= MAX_ID_CODE_POINTS) return true;
  let points = 0;
  for (const _ of value) points += 1;
  return points <= MAX_ID_CODE_POINTS;
}

/**
 * Orders two well-formed strings as their UTF-8 bytes are ordered, which is how the stores order them.
 * UTF-16 order differs only where a surrogate meets a unit above it (U+E000 to U+FFFF).
 *
 * @returns a negative number, 0 or a positive number
 */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

const WORD = /[\p{L}\p{N}]/u;

/** Whether a text names a user: is its id, or holds it between other signs than letters and digits. */
export function names(text: string, userId: string | undefined): boolean {
  if (userId === undefined) return false;
  for (let at = text.indexOf(userId); at !== -1; at = text.indexOf(userId, at + 1)) {
    const isPart = WORD.test(text.charAt(at - 1)) || WORD.test(text.charAt(at + userId.length));
    if (!isPart) return true;
  }
  return false;
}

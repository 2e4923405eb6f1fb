/** An amount of money (`$18,200`, `92k`) as terms name it. */
export const AMOUNT = '#amount';
/** A number of a thousand or more that is written with separators, as terms name it. */
export const THOUSANDS = '#thousands';

const CURRENCY_WORDS = new Set(['euro', 'euros', 'pound', 'pounds', 'dollar', 'dollars', 'eur', 'usd', 'gbp', 'chf']);
const CURRENCY_SIGNS = new Set(['$', '€', '£', '¥']);
const SEPARATED = /^\d{1,3}(?:[,.']\d{3})+$/;
const IN_THOUSANDS = /^\d{1,3}(?:\.\d)?k$/;

/**
 * The words of a text in lower case, its numbers among them; amounts of money under names of their own. One pass.
 */
export function tokens(text: string): string[] {
  const lower = text.toLowerCase();
  const found: string[] = [];
  let start = -1;
  for (let i = 0; i <= lower.length; i += 1) {
    const code = i < lower.length ? lower.charCodeAt(i) : 32;
    if (isWordCode(code) || (start >= 0 && joins(lower, i, code))) {
      if (start < 0) start = i;
      continue;
    }
    if (start < 0) continue;
    push(found, lower.slice(start, i), start > 0 ? (lower[start - 1] as string) : '');
    start = -1;
  }
  return found;
}

function push(found: string[], word: string, before: string): void {
  const first = word.charCodeAt(0);
  const isNumber = first >= 48 && first <= 57;
  if (!isNumber) {
    const last = found.at(-1);
    if (CURRENCY_WORDS.has(word) && last !== undefined && /^(?:\d|#thousands)/.test(last))
      found[found.length - 1] = AMOUNT;
    else found.push(word.includes('’') ? word.replaceAll('’', "'") : word);
  } else if (CURRENCY_SIGNS.has(before) || IN_THOUSANDS.test(word)) found.push(AMOUNT);
  else found.push(SEPARATED.test(word) ? THOUSANDS : word);
}

// Letters and digits; beyond ASCII everything but the usual signs counts as a letter.
function isWordCode(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  return code > 191 && !(code >= 0x2000 && code <= 0x206f) && code !== 0x20ac;
}

// An apostrophe or a hyphen between letters, a comma or a point between digits.
function joins(text: string, at: number, code: number): boolean {
  const next = at + 1 < text.length ? text.charCodeAt(at + 1) : 32;
  if (code === 39 || code === 0x2019 || code === 45) return isWordCode(next);
  if (code !== 44 && code !== 46) return false;
  const previous = text.charCodeAt(at - 1);
  return previous >= 48 && previous <= 57 && next >= 48 && next <= 57;
}

/** A word of a text as it stands there, in lower case, and where. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is of a script that puts no spaces between words. */
  readonly unspaced: boolean;
  /** Whether it begins with a capital inside a sentence. */
  readonly capital: boolean;
}

const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[A-Za-z0-9]+(?:'[A-Za-z]+)*/g;
const WORD = /[\p{L}\p{M}\p{N}]+(?:['\u2019\u02bc][\p{L}\p{M}]+)*/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]/u;
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const SENTENCE_END = /[.!?\u2026"\u201c\n:]\s*$|^\s*$/;

const segmenters = new Map<string, Intl.Segmenter>();

// Texts of Thai, Lao, Khmer and Burmese are cut by their own dictionaries whatever the locale says.
function segmenter(locale: 'ja' | 'zh'): Intl.Segmenter {
  let found = segmenters.get(locale);
  if (!found) segmenters.set(locale, (found = new Intl.Segmenter(locale, { granularity: 'word' })));
  return found;
}

/** The words of a text: by the Unicode properties of letters, and by dictionary where a script puts no spaces. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  const plain = ASCII.test(text);
  for (const match of text.matchAll(plain ? ASCII_WORD : WORD)) {
    const [found] = match;
    const start = match.index;
    if (plain || !UNSPACED.test(found)) {
      words.push(word(text, found, start, false));
      continue;
    }
    for (const part of segmenter(KANA.test(text) ? 'ja' : 'zh').segment(found)) {
      if (part.isWordLike) words.push(word(text, part.segment, start + part.index, UNSPACED.test(part.segment)));
    }
  }
  return words;
}

const LONGEST = 256;

function word(text: string, found: string, start: number, unspaced: boolean): Word {
  // What is longer is no word, and putting a long row of marks into order takes the square of its length.
  const lower = found
    .slice(0, LONGEST)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2019\u02bc]/g, "'");
  const capital = !found.startsWith(lower.charAt(0)) && !SENTENCE_END.test(text.slice(Math.max(0, start - 4), start));
  return { text: lower, start, end: start + found.length, unspaced, capital };
}

/** Whether the last sentence of a text asks. What stands behind it in brackets, a note on a picture, is not asked. */
export function isQuestion(text: string): boolean {
  return /[?\uff1f\u061f\u037e][^.!?\u3002\uff1f\u061f\u037e]*$/.test(text);
}

import { atOnce } from '../model/steps.js';

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
  return atOnce(findWords(text));
}

/** The same, a step for each few words, so that other work can be done in between. */
export function* findWords(text: string): Generator<void, Word[]> {
  if (ASCII.test(text)) return plainWordsOf(text);
  const words: Word[] = [];
  let kana: boolean | undefined;
  for (const match of text.matchAll(WORD)) {
    const [found] = match;
    const start = match.index;
    if (!UNSPACED.test(found)) {
      words.push(word(text, found, start, false));
      if (words.length % STEP === 0) yield;
      continue;
    }
    yield* unspacedWords(text, found, start, (kana ??= KANA.test(text)) ? 'ja' : 'zh', words);
  }
  return words;
}

// The time that the dictionary takes for a character grows with the length of what it is given, from about so many on.
const PIECE = 256;
// More than the longest word of a dictionary: nearer to the end of a piece its words may be others than in the whole.
const OVERLAP = 32;
const STEP = 64;

// A long run is cut by pieces, each of which begins at the last word of the one before that its end cannot have changed.
function* unspacedWords(
  text: string,
  run: string,
  start: number,
  locale: 'ja' | 'zh',
  words: Word[],
): Generator<void, void> {
  for (let at = 0; at < run.length;) {
    yield;
    const isLast = run.length - at <= PIECE;
    const sure = isLast ? run.length : at + PIECE - OVERLAP;
    let next = run.length;
    for (const { segment, index, isWordLike } of segmenter(locale).segment(run.slice(at, at + PIECE))) {
      const from = at + index;
      if (from >= sure) {
        next = from;
        break;
      }
      next = from + segment.length;
      if (isWordLike) words.push(word(text, segment, start + from, UNSPACED.test(segment)));
    }
    at = next;
  }
}

const LONGEST = 256;
const [DIGIT, SMALL, CAPITAL] = [1, 2, 4];
const LETTER = SMALL | CAPITAL;
const APOSTROPHE = 0x27;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[a-z]/.test(character)) return SMALL;
  return /[A-Z]/.test(character) ? CAPITAL : 0;
});

// What WORD finds in ASCII, in a loop of its own: most texts are such, and a view is built of all of them.
function plainWordsOf(text: string): Word[] {
  const words: Word[] = [];
  const kindAt = (at: number) => (at < text.length ? (KINDS[text.charCodeAt(at)] as number) : 0);
  for (let start = 0; start < text.length; start += 1) {
    const first = kindAt(start);
    if (first === 0) continue;
    let end = start + 1;
    let seen = first;
    for (let kind = kindAt(end); kind !== 0; kind = kindAt(++end)) seen |= kind;
    while (text.charCodeAt(end) === APOSTROPHE && (kindAt(end + 1) & LETTER) !== 0) {
      end += 1;
      for (let kind = kindAt(end); (kind & LETTER) !== 0; kind = kindAt(++end)) seen |= kind;
    }
    const found = text.slice(start, Math.min(end, start + LONGEST));
    words.push({
      text: (seen & CAPITAL) === 0 ? found : found.toLowerCase(),
      start,
      end,
      unspaced: false,
      capital: first === CAPITAL && isInside(text, start),
    });
    start = end - 1;
  }
  return words;
}

function word(text: string, found: string, start: number, unspaced: boolean): Word {
  // What is longer is no word, and putting a long row of marks into order takes the square of its length.
  const lower = found
    .slice(0, LONGEST)
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2019\u02bc]/g, "'");
  const capital = !found.startsWith(lower.charAt(0)) && isInside(text, start);
  return { text: lower, start, end: start + found.length, unspaced, capital };
}

function isInside(text: string, start: number): boolean {
  return !SENTENCE_END.test(text.slice(Math.max(0, start - 4), start));
}

/** Whether the last sentence of a text asks. What stands behind it in brackets, a note on a picture, is not asked. */
export function isQuestion(text: string): boolean {
  return /[?\uff1f\u061f\u037e][^.!?\u3002\uff1f\u061f\u037e]*$/.test(text);
}

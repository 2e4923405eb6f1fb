import { dateWord, isAmbiguous } from './dates.js';
import { bitOf, languagesOf, type Language, type Languages } from './languages.js';
import type { Weights } from './weights.js';
import type { Word } from './words.js';

/** A term, and how often it stands in the memory that is being read. */
export interface Term {
  readonly term: string;
  /** Holds for the memory of `stamp`. */
  count: number;
  stamp: number;
  /** The number that the postings gave it last; they look whether it has it still. */
  id: number;
}

/** What a word says in a language. */
export interface Known {
  readonly term: Term;
  /** The bit of the language; 0 where the term is of none. */
  readonly language: number;
}

/** A word of a text, and what it says in the languages in which it was met. */
export interface Entry {
  /** The languages that it may be in; undefined where no language here is written so. */
  readonly of: readonly Language[] | undefined;
  /** The languages in which it says nothing, a bit each. */
  readonly stop: number;
  /** Whether its capital tells what it is, so that it is looked at each time. */
  readonly isAmbiguous: boolean;
  /** By language; null where it says nothing. */
  readonly said: Map<Language, Known | null>;
  /** As it stands, in no language. */
  plain: Known | undefined;
  stamp: number;
}

/** So many words and terms are known at once. */
const MOST = 131_072;
const ELISION = /'/;
const LATIN_MARKS = /(\p{Script=Latin})\p{M}+/gu;

/** The words that were met and what was made of them, so that nothing is stemmed or looked up twice. */
export class Vocabulary {
  readonly #languages: Languages;
  readonly #weights: Weights;
  readonly #entries = new Map<string, Entry>();
  readonly #terms = new Map<string, Term>();

  constructor(languages: Languages, weights: Weights) {
    this.#languages = languages;
    this.#weights = weights;
  }

  /** Forgets everything where it has become too much; between two memories alone, whose counts the terms hold. */
  bound(): void {
    if (this.#entries.size + this.#terms.size <= MOST) return;
    // Together, because what a word says is one of the terms.
    this.#entries.clear();
    this.#terms.clear();
  }

  entry(word: string): Entry {
    let entry = this.#entries.get(word);
    if (!entry) {
      const stop = this.#languages.stopMask(word);
      const of = languagesOf(word);
      entry = { of, stop, isAmbiguous: isAmbiguous(word), said: new Map(), plain: undefined, stamp: 0 };
      this.#entries.set(word, entry);
    }
    return entry;
  }

  term(text: string): Term {
    let term = this.#terms.get(text);
    if (!term) this.#terms.set(text, (term = { term: text, count: 0, stamp: 0, id: -1 }));
    return term;
  }

  /** The word as it stands. */
  plain(entry: Entry, word: string): Known {
    return (entry.plain ??= { term: this.term(word), language: 0 });
  }

  /** What a word says in a language; null for nothing. */
  said(entry: Entry, word: Word, language: Language): Known | null {
    let known = entry.said.get(language);
    if (known === undefined) {
      known = this.#tell(word, language);
      if (!entry.isAmbiguous) entry.said.set(language, known);
    }
    return known;
  }

  /** The stem of a bare word, without accents. */
  stem(word: string, language: Language): string {
    return fold(this.#weights.stems ? this.#languages.stem(word, language) : word);
  }

  #tell({ text: word, capital }: Word, language: Language): Known | null {
    const date = this.#weights.dates ? dateWord(word, capital, language) : undefined;
    if (date !== undefined) return { term: this.term(date), language: 0 };
    const bit = bitOf(language);
    const isStop = (text: string) => this.#weights.stopWords && (this.#languages.stopMask(text) & bit) !== 0;
    const text = bare(word, language);
    if (isStop(word) || text === '' || isStop(text)) return null;
    return { term: this.term(this.stem(text, language)), language: bit };
  }
}

/** A word without the English genitive, and without the article that Romance languages put before an apostrophe. */
export function bare(word: string, language: Language): string {
  if (!ELISION.test(word)) return word;
  if (language === 'en') return word.replace(/'s$/, '').replaceAll("'", '');
  return word.slice(word.lastIndexOf("'") + 1);
}

/** A word without accents, which are often left out in queries. Other scripts keep their marks: those are letters. */
export function fold(word: string): string {
  return /^[\0-\x7f]*$/.test(word) ? word : word.normalize('NFD').replace(LATIN_MARKS, '$1').normalize('NFC');
}

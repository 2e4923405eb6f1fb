import { dateTerms, dateWord, writtenDates } from './dates.js';
import { languagesOf, toMask, type Language, type Languages } from './languages.js';
import { isQuestion, wordsOf, type Word } from './words.js';
import type { Weights } from './weights.js';

/** What of a memory a view may read and the rank uses. */
export interface Text {
  readonly content?: string;
  readonly speaker?: string;
  readonly occurredAt?: Date;
}

/** A memory as the index takes it. */
export interface Analyzed {
  /** How often each term stands in it; neighbours take these over. */
  readonly terms: ReadonlyMap<string, number>;
  /** The words of the speaker's name; whose words a memory are, its neighbours do not take over. */
  readonly speaker: readonly string[];
  readonly isQuestion: boolean;
  /** The languages of its words, a bit each. */
  readonly languages: number;
}

/** A word of a query. */
export interface QueryWord {
  /** As it stands in the query, in lower case. */
  readonly word: string;
  /** Its terms, one for each way to stem it; any of them matches. */
  readonly terms: readonly string[];
}

const ELISION = /'/;
const LATIN_MARKS = /(\p{Script=Latin})\p{M}+/gu;

/**
 * Turns texts into terms. It keeps the stems of the words that it has seen, which are words of memories: one analyzer
 * serves one view while it is built, or one query.
 */
export class Analyzer {
  readonly #languages: Languages;
  readonly #weights: Weights;
  readonly #stems = new Map<string, string>();

  constructor(languages: Languages, weights: Weights) {
    this.#languages = languages;
    this.#weights = weights;
  }

  /** The terms of a memory. */
  memory({ content, speaker, occurredAt }: Text): Analyzed {
    const terms = new Map<string, number>();
    const add = (term: string) => void terms.set(term, (terms.get(term) ?? 0) + 1);
    const languages = new Set<Language>();
    if (content !== undefined) {
      this.#each(wordsOf(content), (_, term, language) => {
        add(term);
        if (language !== undefined) languages.add(language);
      });
      writtenDates(content).forEach(add);
    }
    if (this.#weights.dates && occurredAt !== undefined) dateTerms(occurredAt).forEach(add);
    const isAsking = content !== undefined && isQuestion(content);
    return { terms, speaker: this.#name(speaker), isQuestion: isAsking, languages: toMask(languages) };
  }

  /**
   * The words of a query, each once. Where all of them are stop words they count all the same.
   *
   * @param languages those of the view's memories: a query is too short to tell its own for certain
   */
  query(text: string, languages: readonly Language[]): QueryWord[] {
    const words = wordsOf(text);
    const found = new Map<string, QueryWord>();
    const add = (word: string, terms: readonly string[]) => {
      if (!found.has(word)) found.set(word, { word, terms: [...new Set(terms)] });
    };
    const alternatives = ({ text: word, unspaced }: Word, own: string) => {
      const others = unspaced ? [] : languages.filter((language) => languagesOf(word)?.includes(language));
      return [own, ...others.map((language) => this.#stem(bare(word, language), language))];
    };
    this.#each(words, (word, term) => add(word.text, alternatives(word, term)), languages);
    for (const term of writtenDates(text)) add(term, [term]);
    if (found.size === 0) for (const word of words) add(word.text, alternatives(word, fold(word.text)));
    return [...found.values()];
  }

  /** Where the words of a text stand that are one of some terms. */
  spans(text: string, wanted: ReadonlySet<string>): (readonly [start: number, end: number])[] {
    const spans: (readonly [number, number])[] = [];
    this.#each(wordsOf(text), ({ start, end }, term) => {
      if (wanted.has(term)) spans.push([start, end]);
    });
    return spans;
  }

  #name(speaker: string | undefined): string[] {
    if (!this.#weights.speakers || speaker === undefined) return [];
    return [...new Set(wordsOf(speaker).map(({ text }) => this.#stem(text, 'en')))];
  }

  // Each word that says something, with its term; the language of each script is told by all its words together.
  #each(
    words: readonly Word[],
    act: (word: Word, term: string, language: Language | undefined) => void,
    among?: readonly Language[],
  ): void {
    const detected = new Map<readonly Language[], Language>();
    for (const word of words) {
      if (word.unspaced) {
        if (!this.#weights.stopWords || !this.#languages.isParticle(word.text)) act(word, word.text, undefined);
        continue;
      }
      const of = languagesOf(word.text);
      if (of === undefined) {
        act(word, word.text, undefined);
        continue;
      }
      let language = detected.get(of);
      if (language === undefined) {
        const likely = among ? of.filter((one) => among.includes(one)) : of;
        const texts = words.map(({ text }) => text);
        language = this.#languages.detect(texts, likely.length > 0 ? likely : of);
        detected.set(of, language);
      }
      const date = this.#weights.dates ? dateWord(word.text, word.capital, language) : undefined;
      if (date !== undefined) act(word, date, undefined);
      else this.#word(word, language, act);
    }
  }

  #word(word: Word, language: Language, act: (word: Word, term: string, language: Language) => void): void {
    const isStop = (text: string) => this.#weights.stopWords && this.#languages.isStopWord(text, language);
    if (isStop(word.text)) return;
    const text = bare(word.text, language);
    if (text !== '' && !isStop(text)) act(word, this.#stem(text, language), language);
  }

  #stem(word: string, language: Language): string {
    if (!this.#weights.stems) return fold(word);
    const key = `${language}${word}`;
    let stem = this.#stems.get(key);
    if (stem === undefined) this.#stems.set(key, (stem = fold(this.#languages.stem(word, language))));
    return stem;
  }
}

// Without the English genitive, and without the article that stands before an apostrophe in Romance languages.
function bare(word: string, language: Language): string {
  if (!ELISION.test(word)) return word;
  if (language === 'en') return word.replace(/'s$/, '').replaceAll("'", '');
  return word.slice(word.lastIndexOf("'") + 1);
}

// Accents are often left out in queries. Other scripts keep their marks, which are letters there.
function fold(word: string): string {
  return /^[\0-\x7f]*$/.test(word) ? word : word.normalize('NFD').replace(LATIN_MARKS, '$1').normalize('NFC');
}

import { atOnce } from '../model/steps.js';
import { dateTerms, writtenDates } from './dates.js';
import { languagesOf, type Language, type Languages } from './languages.js';
import { bare, fold, Vocabulary, type Entry, type Known, type Term } from './vocabulary.js';
import { findWords, isQuestion, wordsOf, type Word } from './words.js';
import type { Weights } from './weights.js';

/** What of a memory a view may read and the rank uses. */
export interface Text {
  readonly content?: string;
  readonly speaker?: string;
  readonly occurredAt?: Date;
}

/** A memory as the index takes it. */
export interface Analyzed {
  /** Its terms, each once, with how often it stands in it; neighbours take these over. They hold until the next memory. */
  readonly terms: readonly Term[];
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

/** After so many words other work may be done. */
const STEP = 64;
/** So many names of speakers are known at once. */
const MOST_NAMES = 1_024;

/**
 * Turns texts into terms. It keeps what it made of the words that it has seen, which are words of memories: one analyzer
 * serves one view while it is built, or one query.
 */
export class Analyzer {
  readonly #languages: Languages;
  readonly #weights: Weights;
  readonly #vocabulary: Vocabulary;
  readonly #names = new Map<string, readonly string[]>();
  #stamp = 0;

  constructor(languages: Languages, weights: Weights) {
    this.#languages = languages;
    this.#weights = weights;
    this.#vocabulary = new Vocabulary(languages, weights);
  }

  /** The terms of a memory. */
  memory(text: Text): Analyzed {
    return atOnce(this.read(text));
  }

  /** The same in steps; none for another memory is done before they have ended. */
  *read({ content, speaker, occurredAt }: Text): Generator<void, Analyzed> {
    this.#vocabulary.bound();
    const terms: Term[] = [];
    const stamp = (this.#stamp += 1);
    const add = (term: Term) => {
      if (term.stamp === stamp) term.count += 1;
      else {
        term.stamp = stamp;
        term.count = 1;
        terms.push(term);
      }
    };
    let languages = 0;
    if (content !== undefined) {
      yield* this.#each(yield* findWords(content), (_, { term, language }) => {
        add(term);
        languages |= language;
      });
      for (const date of writtenDates(content)) add(this.#vocabulary.term(date));
    }
    if (this.#weights.dates && occurredAt !== undefined)
      for (const date of dateTerms(occurredAt)) add(this.#vocabulary.term(date));
    const isAsking = content !== undefined && isQuestion(content);
    return { terms, speaker: this.#name(speaker), isQuestion: isAsking, languages };
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
      return [own, ...others.map((language) => this.#vocabulary.stem(bare(word, language), language))];
    };
    atOnce(this.#each(words, (word, { term }) => add(word.text, alternatives(word, term.term)), languages));
    for (const term of writtenDates(text)) add(term, [term]);
    if (found.size === 0) for (const word of words) add(word.text, alternatives(word, fold(word.text)));
    return [...found.values()];
  }

  /** Where the words of a text stand that are one of some terms; in steps. */
  *spans(text: string, wanted: ReadonlySet<string>): Generator<void, (readonly [start: number, end: number])[]> {
    const spans: (readonly [number, number])[] = [];
    yield* this.#each(yield* findWords(text), ({ start, end }, { term }) => {
      if (wanted.has(term.term)) spans.push([start, end]);
    });
    return spans;
  }

  #name(speaker: string | undefined): readonly string[] {
    if (!this.#weights.speakers || speaker === undefined) return [];
    let name = this.#names.get(speaker);
    if (!name) {
      if (this.#names.size >= MOST_NAMES) this.#names.clear();
      name = [...new Set(wordsOf(speaker).map(({ text }) => this.#vocabulary.stem(text, 'en')))];
      this.#names.set(speaker, name);
    }
    return name;
  }

  // Each word that says something, with its term; the language of each script is told by all its words together.
  *#each(
    words: readonly Word[],
    act: (word: Word, known: Known) => void,
    among?: readonly Language[],
  ): Generator<void, void> {
    const vocabulary = this.#vocabulary;
    const entries: Entry[] = [];
    for (const { text } of words) {
      entries.push(vocabulary.entry(text));
      if (entries.length % STEP === 0) yield;
    }
    let detected: readonly Language[] | undefined;
    let language: Language | undefined;
    const others = new Map<readonly Language[], Language>();
    for (const [i, word] of words.entries()) {
      if (i % STEP === STEP - 1) yield;
      const entry = entries[i] as Entry;
      const { of } = entry;
      if (word.unspaced || of === undefined) {
        const isSilent = word.unspaced && this.#weights.stopWords && this.#languages.isParticle(word.text);
        if (!isSilent) act(word, vocabulary.plain(entry, word.text));
        continue;
      }
      if (detected !== of) {
        language = others.get(of) ?? this.#detect(entries, of, among);
        others.set(of, language);
        detected = of;
      }
      const known = vocabulary.said(entry, word, language as Language);
      if (known) act(word, known);
    }
  }

  // By the stop words among all words, each counted once.
  #detect(entries: readonly Entry[], of: readonly Language[], among?: readonly Language[]): Language {
    const masks: number[] = [];
    const stamp = (this.#stamp += 1);
    for (const entry of entries) {
      if (entry.stop === 0 || entry.stamp === stamp) continue;
      entry.stamp = stamp;
      masks.push(entry.stop);
    }
    const likely = among ? of.filter((one) => among.includes(one)) : of;
    return this.#languages.detect(masks, likely.length > 0 ? likely : of);
  }
}

import { Analyzer } from './analyzer.js';
import { countOf, slotOf } from './postings.js';
import { NOBODY, REACH } from './sessions.js';
import { speakerTerm, UNIT, type ViewIndex } from './view-index.js';

/** A term in the index that a word of the query matches, and what it counts in sixteenths. */
interface Alternative {
  readonly id: number;
  readonly unit: number;
  /** Whether neighbours take it over. */
  readonly shared: boolean;
}

/** A word of a query beside what it matches in a view. */
export interface WeighedWord {
  readonly word: string;
  /** Its share of what the query asks for: inverse document frequency over the sum of all words'. */
  readonly weight: number;
  readonly alternatives: readonly Alternative[];
}

/** A query as one view takes it. */
export interface ViewQuery {
  readonly words: readonly WeighedWord[];
  /** The speakers that it names; empty where it names none. */
  readonly named: ReadonlySet<number>;
}

/**
 * Weighs a query by a view: inverse document frequency as BM25 has it (Robertson and Zaragoza, "The Probabilistic
 * Relevance Framework", 2009; the variant that is never negative). A word that no memory has counts among what is asked
 * for and is found nowhere.
 */
export function weigh(index: ViewIndex, query: string): ViewQuery {
  const words = new Analyzer(index.languages, index.weights).query(query, index.spoken);
  const weighed = words.map(({ word, terms }) => {
    const alternatives = alternativesOf(index, terms);
    const exact = alternatives.filter(({ unit }) => unit === UNIT);
    const frequency = exact.reduce((sum, { id }) => sum + index.postings.frequency(id), 0);
    return { word, alternatives, idf: idf(index.size, Math.min(frequency, index.size)) };
  });
  const whole = weighed.reduce((sum, one) => sum + one.idf, 0);
  return {
    words: weighed.map(({ word, alternatives, idf: value }) => ({ word, alternatives, weight: value / whole })),
    named: index.speakers.named(new Set(words.flatMap(({ terms }) => terms))),
  };
}

function alternativesOf({ postings, weights }: ViewIndex, terms: readonly string[]): Alternative[] {
  const found = new Map<number, Alternative>();
  for (const term of terms) {
    const content = postings.idOf(term);
    const speaker = postings.idOf(speakerTerm(term));
    if (content !== undefined) found.set(content, { id: content, unit: UNIT, shared: true });
    if (speaker !== undefined) found.set(speaker, { id: speaker, unit: UNIT, shared: false });
  }
  if (weights.kin === 0) return [...found.values()];
  for (const term of terms) {
    for (const id of postings.kinOf(term)) {
      if (!found.has(id)) found.set(id, { id, unit: UNIT * weights.kin, shared: true });
    }
  }
  return [...found.values()];
}

function idf(size: number, frequency: number): number {
  return Math.log(1 + (size - frequency + 0.5) / (frequency + 0.5));
}

// Grows to the largest view and serves all; it holds numbers while a search runs and zeros in between.
let heard = new Int32Array(1_024);
let sums = new Float64Array(1_024);

/** The slots that a query touches, and what each scores by words alone, before the factors. */
export interface Touched {
  readonly slots: Int32Array;
  readonly sums: Float64Array;
}

/**
 * Scores every memory that holds a word of the query, or stands beside one that does.
 *
 *     score = factors * SUM over words of weight * f / (f + k1 * (1 - b + b * span / mean span))
 *
 * `f` is how often the word's terms stand in the memory, with what it takes over from its neighbours; the weights of
 * the words sum up to 1 and every factor is at most 1, so that a score lies in [0, 1) and says which part of what the
 * query asks for the memory covers. It is a function of the query and of the view's memories alone.
 */
export function score(index: ViewIndex, query: ViewQuery): Touched {
  const { slots, weights, meanSpan } = index;
  if (slots.end > heard.length) {
    heard = new Int32Array(slots.end * 2);
    sums = new Float64Array(slots.end * 2);
  }
  const touched: number[] = [];
  const fixed = weights.k1 * (1 - weights.b);
  const perSpan = (weights.k1 * weights.b) / meanSpan;
  for (const { weight, alternatives } of query.words) {
    const hearing = hear(index, alternatives);
    for (const slot of hearing) {
      const f = (heard[slot] as number) / UNIT;
      heard[slot] = 0;
      if (sums[slot] === 0) touched.push(slot);
      sums[slot] = (sums[slot] as number) + (weight * f) / (f + fixed + perSpan * slots.span(slot));
    }
  }
  const found: Touched = { slots: Int32Array.from(touched), sums: new Float64Array(touched.length) };
  touched.forEach((slot, i) => {
    found.sums[i] = (sums[slot] as number) * factorOf(index, query, slot);
    sums[slot] = 0;
  });
  return found;
}

// Adds up, in `heard`, how often one word stands in each slot and beside it; all in whole sixteenths.
function hear(index: ViewIndex, alternatives: readonly Alternative[]): number[] {
  const { sessions } = index;
  const slots: number[] = [];
  const add = (slot: number, amount: number) => {
    if (amount === 0) return;
    if (heard[slot] === 0) slots.push(slot);
    heard[slot] = (heard[slot] as number) + amount;
  };
  for (const { id, unit, shared } of alternatives) {
    index.postings.each(id, (posting) => {
      const slot = slotOf(posting);
      const amount = countOf(posting) * unit;
      add(slot, amount);
      if (!shared) return;
      for (let steps = 1; steps <= REACH; steps += 1) {
        const older = sessions.older(slot, steps);
        const newer = sessions.newer(slot, steps);
        if (older !== NOBODY) add(older, (amount * index.fromNewer(steps)) / UNIT);
        if (newer !== NOBODY) add(newer, (amount * index.fromOlder(slot, steps)) / UNIT);
      }
    });
  }
  return slots;
}

/** What a memory's words count, by who said it and whether it asks. */
export interface Factors {
  readonly speaker: number;
  readonly question: number;
}

/** The factors of a memory for a query; each at most 1. */
export function factorsOf({ slots, weights }: ViewIndex, { named }: ViewQuery, slot: number): Factors {
  const speaker = slots.speaker(slot);
  return {
    speaker: named.size > 0 && speaker !== 0 && !named.has(speaker) ? weights.otherSpeaker : 1,
    question: slots.isQuestion(slot) ? weights.question : 1,
  };
}

function factorOf(index: ViewIndex, query: ViewQuery, slot: number): number {
  const { speaker, question } = factorsOf(index, query, slot);
  return speaker * question;
}

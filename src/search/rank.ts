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

/** What is counted up while a query is scored: zeros for every slot, and room for as many. */
interface Scratch {
  readonly heard: Int32Array;
  readonly sums: Float64Array;
  readonly hearing: Int32Array;
  readonly touched: Int32Array;
}

/** After so many steps scoring lets somebody else have a turn. */
const STRIDE = 8_192;

// One is kept and serves all views, as large as the largest; who finds it in use takes one anew.
let spare: Scratch | undefined;

function scratchFor(size: number): Scratch {
  const found = spare;
  spare = undefined;
  if (found && found.heard.length >= size) return found;
  const room = Math.max(1_024, size * 2);
  return {
    heard: new Int32Array(room),
    sums: new Float64Array(room),
    hearing: new Int32Array(room),
    touched: new Int32Array(room),
  };
}

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
  const run = scoring(index, query);
  for (;;) {
    const step = run.next();
    if (step.done) return step.value;
  }
}

/** The same a step at a time; the index must not change in between. */
export function* scoring(index: ViewIndex, query: ViewQuery): Generator<undefined, Touched> {
  const { slots, weights, meanSpan } = index;
  const scratch = scratchFor(slots.end);
  const { heard, sums, hearing, touched } = scratch;
  let reached = 0;
  const fixed = weights.k1 * (1 - weights.b);
  const perSpan = (weights.k1 * weights.b) / meanSpan;
  for (const { weight, alternatives } of query.words) {
    let count = 0;
    for (const alternative of alternatives) {
      const postings = index.postings.of(alternative.id);
      for (let from = 0; from < postings.length; from += STRIDE) {
        count = hear(index, alternative, postings.subarray(from, from + STRIDE), scratch, count);
        yield;
      }
    }
    for (let i = 0; i < count; i += 1) {
      const slot = hearing[i] as number;
      const f = (heard[slot] as number) / UNIT;
      heard[slot] = 0;
      if (sums[slot] === 0) touched[reached++] = slot;
      sums[slot] = (sums[slot] as number) + (weight * f) / (f + fixed + perSpan * slots.span(slot));
      if (i % STRIDE === STRIDE - 1) yield;
    }
  }
  const found: Touched = { slots: touched.slice(0, reached), sums: new Float64Array(reached) };
  for (let i = 0; i < reached; i += 1) {
    const slot = touched[i] as number;
    found.sums[i] = (sums[slot] as number) * factorOf(index, query, slot);
    sums[slot] = 0;
    if (i % STRIDE === STRIDE - 1) yield;
  }
  spare = scratch;
  return found;
}

// Adds up, in `heard`, how often a term stands in each slot and beside it; all in whole sixteenths. Returns how many
// slots `hearing` holds then.
function hear(
  index: ViewIndex,
  { unit, shared }: Alternative,
  postings: Uint32Array,
  { heard, hearing }: Scratch,
  before: number,
): number {
  const { sessions } = index;
  let count = before;
  const add = (slot: number, amount: number) => {
    if (amount === 0) return;
    const was = heard[slot] as number;
    if (was === 0) hearing[count++] = slot;
    heard[slot] = was + amount;
  };
  for (let i = 0; i < postings.length; i += 1) {
    const posting = postings[i] as number;
    const slot = slotOf(posting);
    const amount = countOf(posting) * unit;
    add(slot, amount);
    if (!shared) continue;
    for (let steps = 1; steps <= REACH; steps += 1) {
      const older = sessions.older(slot, steps);
      const newer = sessions.newer(slot, steps);
      if (older !== NOBODY) add(older, (amount * index.fromNewer(steps)) / UNIT);
      if (newer !== NOBODY) add(newer, (amount * index.fromOlder(slot, steps)) / UNIT);
    }
  }
  return count;
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

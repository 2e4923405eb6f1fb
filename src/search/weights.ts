/**
 * The parameters of the lexical rank. They are the same for every user, language and view; each was chosen as a round
 * number on the LoCoMo conversations all together, and docs/benchmarks.md shows what the rank loses without each part.
 */
export interface Weights {
  /** BM25: how soon more of the same term stops counting. The value of the literature. */
  readonly k1: number;
  /** BM25: how much length counts. Memories are short and of like length: half of the usual 0.75 and more. */
  readonly b: number;
  /** What a memory takes over from the memory one step, two steps away in its session, either way (DESIGN.md). */
  readonly neighbours: readonly number[];
  /** What a memory takes over from the one before it where that asks a question: an answer seldom repeats its words. */
  readonly answers: number;
  /** What a memory that ends in a question counts: it asks for what it does not tell. */
  readonly question: number;
  /** What a memory counts that another said than the one whom the query names. */
  readonly otherSpeaker: number;
  /** What a word counts that shares its beginning with the query's: vegetarian, vegetables. */
  readonly kin: number;
  /** Whether month, day and year are terms of a memory. */
  readonly dates: boolean;
  /** Whether the speaker's name is a term of a memory. */
  readonly speakers: boolean;
  /** Whether the words of a language that say nothing are left out. */
  readonly stopWords: boolean;
  /** Whether words are brought to their stems. */
  readonly stems: boolean;
}

/** The weights in use. Neighbours and kin are powers of a half, so that sums of them are exact in any order. */
export const WEIGHTS: Weights = Object.freeze({
  k1: 1.2,
  b: 0.5,
  neighbours: [1 / 2, 1 / 4],
  answers: 1,
  question: 0.8,
  otherSpeaker: 2 / 3,
  kin: 1 / 2,
  dates: true,
  speakers: true,
  stopWords: true,
  stems: true,
});

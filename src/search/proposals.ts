import { fuse, semanticScore, type Scored } from './fusion.js';
import { partsOf, type WordPart } from './parts.js';
import { factorsOf, score, scoring, weigh, type Factors, type Touched, type ViewQuery } from './rank.js';
import { Ranking } from './ranking.js';
import type { ViewIndex } from './view-index.js';

/** How a search ranks. */
export type Mode = 'lexical' | 'semantic' | 'hybrid';

/** A memory that the index proposes, in the order of the rank. The store decides on it again. */
export interface Proposal {
  readonly id: string;
  readonly score: number;
  readonly lexical?: number;
  readonly semantic?: number;
  /** What the words of the query gave, in their order; none where it was found by meaning alone. */
  readonly words: readonly WordPart[];
  readonly factors?: Factors;
}

/** What is asked of a view. */
export interface Question {
  readonly text: string;
  readonly mode: Mode;
  /** The vector of the text, where the mode uses one. */
  readonly vector?: Float32Array | undefined;
}

/**
 * So many of each rank are fused; what comes below follows in the order of its own rank, words first. A place further
 * down adds less than 1/260 to a sum that the first two hundred begin at, and costs the more the deeper one looks.
 */
const FUSED = 200;

/**
 * The memories of a view for a query, best first. The index may change between two of them, by a write of this process
 * or because something expired: then the rank is made anew, and what was proposed already is passed over.
 */
export class Proposals {
  readonly #index: ViewIndex;
  readonly #question: Question;
  readonly #proposed = new Set<string>();
  #changes = -1;
  #query: ViewQuery | undefined;
  #next: () => Scores | undefined = () => undefined;

  constructor(index: ViewIndex, question: Question) {
    this.#index = index;
    this.#question = question;
  }

  /**
   * Ranks ahead, and lets other work run in between; `take` does it in one go where the index changed meanwhile.
   *
   * @param turn asked every few milliseconds at the latest; a promise is waited for
   */
  async prepare(turn: () => Promise<void> | undefined): Promise<void> {
    const { changes } = this.#index;
    if (this.#changes === changes || this.#question.mode === 'semantic') return;
    const query = weigh(this.#index, this.#question.text);
    const run = scoring(this.#index, query);
    for (;;) {
      const step = run.next();
      if (step.done) return void this.#begin(query, step.value);
      await turn();
      if (this.#index.changes !== changes) return;
    }
  }

  /** At most so many more. */
  take(count: number): Proposal[] {
    if (this.#changes !== this.#index.changes) {
      const query = weigh(this.#index, this.#question.text);
      this.#begin(query, this.#question.mode === 'semantic' ? undefined : score(this.#index, query));
    }
    const proposals: Proposal[] = [];
    while (proposals.length < count) {
      const found = this.#next();
      if (!found) break;
      if (this.#proposed.has(found.id)) continue;
      this.#proposed.add(found.id);
      proposals.push(this.#explained(found));
    }
    return proposals;
  }

  /** The terms, as the index has them, of the words of the query. */
  terms(): ReadonlySet<string> {
    const ids = this.#query?.words.flatMap(({ alternatives }) => alternatives.map(({ id }) => id)) ?? [];
    return new Set(ids.map((id) => this.#index.postings.termOf(id)));
  }

  #explained(found: Scores): Proposal {
    const slot = this.#index.slots.slotOf(found.id);
    if (found.lexical === undefined || slot === undefined || !this.#query) return { ...found, words: [] };
    return {
      ...found,
      words: partsOf(this.#index, this.#query, slot),
      factors: factorsOf(this.#index, this.#query, slot),
    };
  }

  #begin(query: ViewQuery, touched: Touched | undefined): void {
    this.#changes = this.#index.changes;
    this.#query = query;
    this.#next = this.#start(touched);
  }

  #start(touched: Touched | undefined): () => Scores | undefined {
    const { mode, vector } = this.#question;
    const index = this.#index;
    const words = touched ? byWords(index, touched) : () => undefined;
    if (mode === 'lexical' || !vector || !index.vectors) return words;
    const lexical = new Float64Array(index.slots.end);
    if (touched)
      for (let i = 0; i < touched.slots.length; i += 1) lexical[touched.slots[i] as number] = touched.sums[i] as number;
    const both = (found: { readonly id: string } | undefined) => found && scoresOf(index, vector, lexical, found.id);
    const nearest = byMeaning(index, vector, FUSED);
    if (mode === 'semantic') return downFrom(nearest, () => byMeaning(index, vector, index.size), asSemantic);
    const first: Scored[] = [];
    while (first.length < FUSED) {
      const one = words();
      if (!one) break;
      first.push(one);
    }
    const fused = from(fuse(first, nearest, (a, b) => index.compare(a, b)));
    let rest: (() => Scored | undefined) | undefined;
    return () => both(fused() ?? words() ?? (rest ??= from(byMeaning(index, vector, index.size)))());
  }
}

// The score that is shown is the larger of the two, whichever rank a memory was found by.
function scoresOf(index: ViewIndex, vector: Float32Array, lexical: Float64Array, id: string): Scores {
  const byWord = lexical[index.slots.slotOf(id) ?? -1] ?? 0;
  const cosine = index.vectors?.cosine(vector, id);
  const near = cosine === undefined ? 0 : semanticScore(cosine);
  return {
    id,
    score: Math.max(byWord, near),
    ...(byWord > 0 ? { lexical: byWord } : {}),
    ...(near > 0 ? { semantic: near } : {}),
  };
}

function byMeaning(index: ViewIndex, vector: Float32Array, limit: number): Scored[] {
  return (index.vectors?.top(vector, limit, (a, b) => index.compare(a, b)) ?? [])
    .map(({ id, cosine }) => ({ id, score: semanticScore(cosine) }))
    .filter(({ score: value }) => value > 0);
}

type Scores = Omit<Proposal, 'words' | 'factors'>;

function byWords(index: ViewIndex, { slots, sums }: Touched): () => Scores | undefined {
  const ranking = new Ranking(slots.slice(), sums.slice(), (a, b) => index.slots.isNewer(a, b));
  return () => {
    const best = ranking.next();
    const id = best && index.slots.id(best.slot);
    return best && id !== undefined ? { id, score: best.score, lexical: best.score } : undefined;
  };
}

function asSemantic({ id, score: value }: Scored): Scores {
  return { id, score: value, semantic: value };
}

// The first of a rank, and the whole of it where they were not enough; a rank is the same however deep one looks.
function downFrom<T, U>(first: readonly T[], whole: () => readonly T[], as: (item: T) => U): () => U | undefined {
  let items = first;
  let at = 0;
  return () => {
    if (at === items.length && items === first && at >= FUSED) items = whole();
    const item = items[at++];
    return item === undefined ? undefined : as(item);
  };
}

function from<T>(items: readonly T[]): () => T | undefined {
  let at = 0;
  return () => items[at++];
}

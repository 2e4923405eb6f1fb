import { score, type ViewQuery } from './rank.js';
import type { ViewIndex } from './view-index.js';

/** A slot with its score. */
export interface Ranked {
  readonly slot: number;
  readonly score: number;
}

/**
 * The slots of a score, best first, taken one at a time from a heap: the few that are wanted cost no sort of all.
 * Where scores are equal the newer comes first, then as lists are ordered, so that the order is one.
 */
export class Ranking {
  readonly #isNewer: (a: number, b: number) => boolean;
  readonly #slots: Int32Array;
  readonly #scores: Float64Array;
  #size: number;

  constructor(slots: Int32Array, scores: Float64Array, isNewer: (a: number, b: number) => boolean) {
    this.#isNewer = isNewer;
    this.#slots = slots;
    this.#scores = scores;
    this.#size = slots.length;
    for (let at = (this.#size >> 1) - 1; at >= 0; at -= 1) this.#sink(at);
  }

  /** The best that is left. */
  next(): Ranked | undefined {
    if (this.#size === 0) return undefined;
    const best = { slot: this.#slots[0] as number, score: this.#scores[0] as number };
    this.#size -= 1;
    this.#swap(0, this.#size);
    this.#sink(0);
    return best;
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#size) return;
      const child = left + 1 < this.#size && this.#isBetter(left + 1, left) ? left + 1 : left;
      if (!this.#isBetter(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #isBetter(a: number, b: number): boolean {
    const difference = (this.#scores[a] as number) - (this.#scores[b] as number);
    return difference === 0 ? this.#isNewer(this.#slots[a] as number, this.#slots[b] as number) : difference > 0;
  }

  #swap(a: number, b: number): void {
    const slot = this.#slots[a] as number;
    const value = this.#scores[a] as number;
    this.#slots[a] = this.#slots[b] as number;
    this.#scores[a] = this.#scores[b] as number;
    this.#slots[b] = slot;
    this.#scores[b] = value;
  }
}

/** The memories of a view that match a query by their words, best first. */
export function rankByWords(index: ViewIndex, query: ViewQuery): Ranking {
  const { slots, sums } = score(index, query);
  return new Ranking(slots, sums, (a, b) => index.slots.isNewer(a, b));
}

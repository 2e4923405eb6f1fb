/** One of the best: its place and its score. */
export interface Ranked<T> {
  readonly item: T;
  readonly score: number;
}

/**
 * Keeps the best of many scored items: the higher score first, and of equal ones whichever `compare` puts first, so
 * that what is kept does not depend on the order in which they came. A binary heap with the worst on top.
 */
export class Best<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  readonly #heap: Ranked<T>[] = [];

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** The score below which nothing is kept any more. */
  get floor(): number {
    return this.#heap.length < this.#limit ? -Infinity : (this.#heap[0]?.score ?? Infinity);
  }

  offer(item: T, score: number): void {
    const entry = { item, score };
    if (this.#heap.length < this.#limit) {
      this.#heap.push(entry);
      this.#rise(this.#heap.length - 1);
    } else if (this.#heap[0] !== undefined && this.#isBefore(entry, this.#heap[0])) {
      this.#heap[0] = entry;
      this.#sink();
    }
  }

  /** All that was kept, the best first. */
  sorted(): Ranked<T>[] {
    return [...this.#heap].sort((a, b) => (this.#isBefore(a, b) ? -1 : 1));
  }

  #isBefore(a: Ranked<T>, b: Ranked<T>): boolean {
    return a.score === b.score ? this.#compare(a.item, b.item) < 0 : a.score > b.score;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const [entry, parent] = [heap[place] as Ranked<T>, heap[above] as Ranked<T>];
      if (!this.#isBefore(parent, entry)) return;
      heap[place] = parent;
      heap[above] = entry;
      place = above;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let worst = place;
      for (const child of [2 * place + 1, 2 * place + 2]) {
        const entry = heap[child];
        if (entry !== undefined && this.#isBefore(heap[worst] as Ranked<T>, entry)) worst = child;
      }
      if (worst === place) return;
      [heap[place], heap[worst]] = [heap[worst] as Ranked<T>, heap[place] as Ranked<T>];
      place = worst;
    }
  }
}

import { Semaphore } from './semaphore.js';

/** A place in the queue, and the semaphore that whoever has it goes through. */
export interface Place {
  readonly semaphore: Semaphore;
  /** Gives the place back. */
  leave(): void;
}

/** Shares the queue out by names, so that none takes the places of the others. */
export class Shares {
  readonly #most: number;
  readonly #atOnce: number;
  readonly #of = new Map<string, { count: number; readonly semaphore: Semaphore }>();

  /**
   * @param most how many places a name has
   * @param atOnce how many of them are under way at a time
   */
  constructor(most: number, atOnce: number) {
    this.#most = most;
    this.#atOnce = atOnce;
  }

  /** @returns undefined where the name has all of its places */
  take(name: string): Place | undefined {
    const share = this.#of.get(name) ?? { count: 0, semaphore: new Semaphore(this.#atOnce) };
    if (share.count >= this.#most) return undefined;
    this.#of.set(name, share);
    share.count += 1;
    return {
      semaphore: share.semaphore,
      leave: () => {
        share.count -= 1;
        if (share.count === 0) this.#of.delete(name);
      },
    };
  }
}

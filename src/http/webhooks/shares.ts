import { Gate } from './gate.js';

/** A place in the queue, and the gate that whoever has it goes through. */
export interface Place {
  readonly gate: Gate;
  /** Gives the place back. */
  leave(): void;
}

/** Shares the queue out by names, so that none takes the places of the others. */
export class Shares {
  readonly #most: number;
  readonly #atOnce: number;
  readonly #of = new Map<string, { count: number; readonly gate: Gate }>();

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
    const share = this.#of.get(name) ?? { count: 0, gate: new Gate(this.#atOnce) };
    if (share.count >= this.#most) return undefined;
    this.#of.set(name, share);
    share.count += 1;
    return {
      gate: share.gate,
      leave: () => {
        share.count -= 1;
        if (share.count === 0) this.#of.delete(name);
      },
    };
  }
}

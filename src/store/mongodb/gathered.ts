import { setImmediate } from 'node:timers';

/** What one caller asked for, and how it is answered. */
export interface Asked<I, O> {
  readonly item: I;
  readonly resolve: (answer: O) => void;
  readonly reject: (error: unknown) => void;
}

/** How work is gathered. */
export interface Gathering {
  /** How many runs may be under way at a time. */
  readonly runs: number;
  /** How many items go into one run. */
  readonly most: number;
}

/**
 * Does for many callers at once what each asks for: what is asked for in one turn, or while as many runs are under way
 * as may be, goes into the next run. A run begins after each of its items was asked for, so that what it reads is no
 * older than what the caller would have read alone; nothing is kept from one run for another.
 */
export class Gathered<I, O> {
  readonly #run: (asked: readonly Asked<I, O>[]) => Promise<void>;
  readonly #gathering: Gathering;
  #waiting: Asked<I, O>[] = [];
  #under = 0;
  #isDue = false;

  /** @param run answers each of what it is given; where it throws, all that it has not answered fail alike */
  constructor(gathering: Gathering, run: (asked: readonly Asked<I, O>[]) => Promise<void>) {
    this.#gathering = gathering;
    this.#run = run;
  }

  ask(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#isDue || this.#waiting.length === 0 || this.#under >= this.#gathering.runs) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#begin(this.#waiting.splice(0, this.#gathering.most));
      this.#next();
    });
  }

  async #begin(asked: readonly Asked<I, O>[]): Promise<void> {
    this.#under += 1;
    try {
      await this.#run(asked);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    } finally {
      this.#under -= 1;
      this.#next();
    }
  }
}

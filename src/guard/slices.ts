/** The longest that one piece of work keeps the process from other work, in milliseconds. */
const SLICE_MS = 8;

/** Work that is done a slice at a time. */
export class Slices {
  #since = performance.now();

  /** Does something for each of some things, in their order. @returns what was made of each */
  static async each<T, U>(things: readonly T[], act: (thing: T, at: number) => U): Promise<U[]> {
    const slices = new Slices();
    const done: U[] = [];
    for (const [at, thing] of things.entries()) {
      const turn = slices.turn();
      if (turn) await turn;
      done.push(act(thing, at));
    }
    return done;
  }

  /** What is to be waited for before going on: a turn of the event loop where the slice is over, else nothing. */
  turn(): Promise<void> | undefined {
    return performance.now() - this.#since < SLICE_MS ? undefined : this.#next();
  }

  /** Does work that says after each of its steps that it may be left for a while; returns what it ends with. */
  async through<T>(work: Iterator<void, T>): Promise<T> {
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      const turn = this.turn();
      if (turn) await turn;
    }
  }

  async #next(): Promise<void> {
    await otherWork();
    this.#since = performance.now();
  }
}

const waiting: (() => void)[] = [];

/**
 * Lets the event loop run. Who waits here goes on in the order of coming, one in each turn of the loop: the slices of
 * many would be one long block if they all went on in the same turn.
 */
export function otherWork(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(goOn);
  });
}

function goOn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(goOn);
}

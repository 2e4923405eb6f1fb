/** The longest that work on a view keeps the process from other work, in milliseconds. */
const SLICE_MS = 8;

/** Work that is done a slice at a time. */
export class Slices {
  #since = performance.now();

  /** What is to be waited for before going on: a turn of the event loop where the slice is over, else nothing. */
  turn(): Promise<void> | undefined {
    return performance.now() - this.#since < SLICE_MS ? undefined : this.#next();
  }

  async #next(): Promise<void> {
    await otherWork();
    this.#since = performance.now();
  }
}

/** Lets the event loop run. */
export function otherWork(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

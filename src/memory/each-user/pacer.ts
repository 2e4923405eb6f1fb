/** Time as it passes, in milliseconds from anywhere, and how to wait. */
export interface Time {
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the signal is raised. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Lets turns begin at an even pace: no second has more than so many, and none are saved up. */
export class Pacer {
  readonly #gapMs: number;
  readonly #time: Time;
  #next = -Infinity;

  /** @param perSecond as many as there can be where none is given */
  constructor(perSecond: number | undefined, time: Time) {
    this.#gapMs = perSecond === undefined ? 0 : 1_000 / perSecond;
    this.#time = time;
  }

  /** Resolves when the next may begin. */
  async turn(signal?: AbortSignal): Promise<void> {
    if (this.#gapMs === 0) return;
    const now = this.#time.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#gapMs;
    if (at > now) await this.#time.wait(at - now, signal);
  }
}

/** One way in which a candidate set of policies decides otherwise than the live one. No content, no user. */
export interface Difference {
  readonly subject: string;
  readonly action: string;
  readonly role: string;
  /** `plan`: all of a partition or of the users at once; `record`: one record. */
  readonly on: 'plan' | 'record';
  /** The level of the record; absent on a plan and where the subject has none. */
  readonly level?: string;
  /** The field that is shown by one set and withheld by the other; absent where the whole is. */
  readonly field?: string;
  readonly live: 'allowed' | 'denied';
  readonly candidate: 'allowed' | 'denied';
  /** The ids of the rules that decide in the live set; empty where none matches. */
  readonly liveRules: readonly string[];
  /** The ids of the rules that decide in the candidate set; empty where none matches. */
  readonly candidateRules: readonly string[];
  readonly liveRevision: string;
  readonly candidateRevision: string;
}

/** A difference, and how often it was met. */
export interface CountedDifference extends Difference {
  readonly count: number;
}

/** What a shadow has seen since the start. */
export interface ShadowReport {
  /** Decisions and plans that were put to both sets. */
  readonly compared: number;
  /** How many of them came out otherwise. */
  readonly differing: number;
  /** How many the candidate could not answer. */
  readonly failed: number;
  /** Differing ones beyond the first 10,000 kinds, which are counted in `differing` alone. */
  readonly unlisted: number;
  readonly differences: readonly CountedDifference[];
}

const KINDS = 10_000;

/** Counts differences and tells of each kind once. A listener is called later, and harms nobody where it throws. */
export class Differences {
  readonly #listener: ((difference: Difference) => unknown) | undefined;
  readonly #kinds = new Map<string, { readonly difference: Difference; count: number }>();
  #compared = 0;
  #differing = 0;
  #failed = 0;
  #unlisted = 0;

  constructor(listener?: (difference: Difference) => unknown) {
    this.#listener = listener;
  }

  /** Both sets were asked. */
  compared(): void {
    this.#compared += 1;
  }

  /** The candidate could not answer. */
  failed(): void {
    this.#failed += 1;
  }

  /** The two came out otherwise. */
  note(difference: Difference): void {
    this.#differing += 1;
    const key = JSON.stringify(difference);
    const known = this.#kinds.get(key);
    if (known) known.count += 1;
    else if (this.#kinds.size >= KINDS) this.#unlisted += 1;
    else {
      this.#kinds.set(key, { difference, count: 1 });
      setImmediate(() => this.#tell(difference));
    }
  }

  report(): ShadowReport {
    return {
      compared: this.#compared,
      differing: this.#differing,
      failed: this.#failed,
      unlisted: this.#unlisted,
      differences: [...this.#kinds.values()].map(({ difference, count }) => ({ ...difference, count })),
    };
  }

  #tell(difference: Difference): void {
    try {
      const told: unknown = this.#listener?.(Object.freeze(difference));
      // What an asynchronous listener rejects with is not the reader's either.
      if (told instanceof Promise) told.catch(() => undefined);
    } catch {
      // Told outside of any call, so that nobody waits for it and nobody is there to catch it.
    }
  }
}

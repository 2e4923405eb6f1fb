import type { Entry, ViewIndex } from '../search/view-index.js';
import type { Partition } from '../store/partition.js';
import { Slices } from './slices.js';

/** Where the entries of a view come from: the store, through the plan and the decision. */
export interface ViewSource {
  readonly partition: Partition;
  /** Names partition, policies, bound plan and permitted fields (S13); the view itself holds the epoch of the key. */
  readonly key: string;
  /** Whether a view of it may outlive the search. */
  readonly isKept: boolean;
  /** Every entry, some at a time. */
  all(now: Date): AsyncIterable<readonly Entry[]>;
  /** The entries of those of some ids that are in the view now. */
  some(ids: readonly string[], now: Date): Promise<readonly Entry[]>;
}

/** Above so many changes a view is built anew. */
const MAX_PENDING = 1_000;

/** A kept view: an index, what it reflects, and the own writes that it has still to take in. */
export class View {
  readonly key: string;
  readonly partition: Partition;
  readonly index: ViewIndex;
  /** The revision that the index reflects once what is pending has been taken in. */
  reflects: number;
  /** What had expired before this time was left out. */
  readonly asOf: Date;
  /** The epoch of the user's key under which it was built. */
  readonly epoch: number | undefined;
  /** When that epoch was last found in force, in milliseconds. */
  confirmedAt: number;
  #isDropped = false;
  #pending = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    { key, partition }: ViewSource,
    index: ViewIndex,
    made: { readonly reflects: number; readonly asOf: Date; readonly epoch: number | undefined },
  ) {
    this.key = key;
    this.partition = partition;
    this.index = index;
    this.reflects = made.reflects;
    this.asOf = made.asOf;
    this.epoch = made.epoch;
    this.confirmedAt = made.asOf.getTime();
  }

  /** Ends its use. */
  drop(): void {
    this.#isDropped = true;
  }

  /** Whether it is not to be used any more. */
  isDropped(): boolean {
    return this.#isDropped;
  }

  /** Whether nothing was left out or taken out because it had expired after this time: a clock may be set back. */
  isWholeAt(now: Date): boolean {
    return now >= this.asOf && now.getTime() >= this.index.expiredAt;
  }

  /** Takes note of a write of this process that raised the revision. */
  note(ids: readonly string[], raises: number): void {
    this.reflects += raises;
    for (const id of ids) this.#pending.add(id);
    if (this.#pending.size > MAX_PENDING) this.drop();
  }

  /** Fills the index. */
  async fill(source: ViewSource): Promise<void> {
    for await (const entries of source.all(this.asOf)) await this.#put(entries);
    this.index.settle();
  }

  /** Takes in what this process has written since; one call after the other. */
  catchUp(source: ViewSource, clock: () => Date): Promise<void> {
    const turn = this.#turn.then(() => this.#takeIn(source, clock()));
    this.#turn = turn.catch(() => this.drop());
    return turn;
  }

  // Read again through the guard, so that what a write made of a memory is decided and opened as at the first time.
  async #takeIn(source: ViewSource, now: Date): Promise<void> {
    if (this.#pending.size === 0) return;
    const ids = [...this.#pending];
    this.#pending = new Set();
    const entries = new Map((await source.some(ids, now)).map((entry) => [entry.id, entry]));
    for (const id of ids) if (!entries.has(id)) this.index.remove(id);
    await this.#put([...entries.values()]);
    this.index.settle();
  }

  async #put(entries: readonly Entry[]): Promise<void> {
    const slices = new Slices();
    for (const entry of entries) {
      await slices.through(this.index.putting(entry));
      const turn = slices.turn();
      if (turn) await turn;
    }
  }
}

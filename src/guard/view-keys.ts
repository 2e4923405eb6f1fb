import type { Clock } from '../model/clock.js';
import type { Partition } from '../store/partition.js';
import type { View } from './view.js';

/** The epoch of a user's key record; undefined where the user has no key that opens anything. */
export type KeyEpoch = (partition: Partition) => Promise<number | undefined>;

/** For how long a key record that was confirmed alive is taken to be, in milliseconds (S18). */
export const CONFIRMED_MS = 60_000;
// Confirmed anew well before, so that a view that is idle is not dropped while its key lives.
const CONFIRM_AFTER_MS = 30_000;

/** Whether the keys under which views were built are still there. Confirming does not build a view anew. */
export class ViewKeys {
  readonly #epochOf: KeyEpoch | undefined;
  readonly #clock: Clock;

  constructor(epochOf: KeyEpoch | undefined, clock: Clock) {
    this.#epochOf = epochOf;
    this.#clock = clock;
  }

  /** The epoch under which a view is built now; 0 where nothing tells of keys. */
  async now(partition: Partition): Promise<number | undefined> {
    return this.#epochOf ? this.#epochOf(partition) : 0;
  }

  /** Whether the key of a view stands as it did when the view was built; asked anew where that was a while ago. */
  async stands(view: View): Promise<boolean> {
    const age = this.#clock().getTime() - view.confirmedAt;
    if (age >= 0 && age < CONFIRM_AFTER_MS) return true;
    return this.confirm(view);
  }

  /** Asks for the key of a view, whenever that was done before. */
  async confirm(view: View): Promise<boolean> {
    const asked = this.#clock().getTime();
    if ((await this.now(view.partition).catch(() => undefined)) !== view.epoch) return false;
    view.confirmedAt = asked;
    return true;
  }
}

import { LRUCache } from 'lru-cache';
import { atMost } from '../../model/at-most.js';

const FIRST_BLOCK = 1_024;
const LARGEST_BLOCK = 1_048_576;
const KEYS = 100_000;

/** After this many messages under one key version the next one is made (S23; NIST SP 800-38D allows 2^32 at random IVs). */
export const MESSAGE_LIMIT = 2 ** 30;

interface Budget {
  left: number;
  block: number;
}

/**
 * How many messages this process may still seal under each key version. They are reserved in blocks that grow, so that
 * a busy user costs a reservation now and then and a quiet one wastes little.
 */
export class MessageBudget {
  readonly #budgets = new LRUCache<string, Budget>(atMost(KEYS));

  /** What a new key version is made with. */
  static readonly first = FIRST_BLOCK;

  /** Puts a block that was reserved with the making of a key. */
  begin(keyId: string): void {
    this.#budgets.set(keyId, { left: FIRST_BLOCK, block: FIRST_BLOCK });
  }

  /**
   * Takes messages from what is reserved.
   *
   * @param reserve reserves a number more and returns how many are reserved in all, or undefined where the version is
   *   in use no more
   * @returns whether the key may be used for them; else the next version is due
   */
  async take(
    keyId: string,
    messages: number,
    reserve: (count: number) => Promise<number | undefined>,
  ): Promise<'taken' | 'spent' | 'retired'> {
    const budget = this.#budgets.get(keyId) ?? { left: 0, block: FIRST_BLOCK / 4 };
    if (budget.left < messages) {
      const block = Math.max(Math.min(budget.block * 4, LARGEST_BLOCK), messages);
      const total = await reserve(block);
      if (total === undefined) return 'retired';
      if (total > MESSAGE_LIMIT) return 'spent';
      budget.left += block;
      budget.block = block;
      this.#budgets.set(keyId, budget);
    }
    budget.left -= messages;
    return 'taken';
  }
}

import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import { compileFilter } from '../guard/filter.js';
import type { Guard } from '../guard/guard.js';
import type { Principal } from '../model/principal.js';

/** What one principal would gain and lose by other policies, over all partitions. */
export interface Effect {
  readonly memoriesGained: number;
  readonly usersGained: number;
  readonly memoriesLost: number;
  readonly usersLost: number;
}

const PAGE = 1_000;
const EVERYTHING = compileFilter({});

/** Counts what other policies would change in a store. Nothing of it is loaded: every figure is a guarded count. */
export class PolicyEffects {
  readonly #now: Guard;
  readonly #then: Guard;

  private constructor(now: Guard, then: Guard) {
    this.#now = now;
    this.#then = then;
  }

  /**
   * Beside the policies in force, those of another folder.
   *
   * @throws MemwardenError policy_invalid
   */
  static async open(guard: Guard, folder: string): Promise<PolicyEffects> {
    return new PolicyEffects(guard, await guard.under(folder));
  }

  /**
   * Goes through the users, partition by partition.
   *
   * @param lister who lists the users, under the policies in force
   * @param asked for each question the principal that reads in a partition
   * @param onProgress called with the number of partitions that are done
   * @returns the effects in the order of the questions
   * @throws MemwardenError forbidden where the lister may not list users
   */
  async count(
    lister: Principal,
    asked: readonly ((userId: string) => Principal)[],
    onProgress: (partitions: number) => void = () => undefined,
  ): Promise<Effect[]> {
    const effects = asked.map(() => ({ memoriesGained: 0, usersGained: 0, memoriesLost: 0, usersLost: 0 }));
    let cursor: string | undefined;
    let done = 0;
    do {
      const page = await this.#now.users(lister, PAGE, cursor);
      for (const { userId } of page.users) {
        for (const [i, principalOf] of asked.entries()) {
          const effect = effects[i];
          if (effect) await this.#add(effect, principalOf(userId), userId);
        }
        onProgress((done += 1));
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
    return effects;
  }

  /** How many partitions there are to go through. */
  async partitions(lister: Principal): Promise<number> {
    let partitions = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#now.users(lister, PAGE, cursor);
      partitions += page.users.length;
      ({ cursor } = page);
    } while (cursor !== undefined);
    return partitions;
  }

  async #add(effect: { -readonly [K in keyof Effect]: number }, principal: Principal, userId: string): Promise<void> {
    const [now, then] = [this.#now.access(principal, userId), this.#then.access(principal, userId)];
    const before = await countOf(this.#now, now);
    const after = await countOf(this.#then, then);
    // Two counts alone would set what is gained off against what is lost.
    const both = before > 0 && after > 0 ? await this.#now.countBoth(now, then) : 0;
    const [gained, lost] = [Math.max(0, after - both), Math.max(0, before - both)];
    effect.memoriesGained += gained;
    effect.usersGained += Number(gained > 0);
    effect.memoriesLost += lost;
    effect.usersLost += Number(lost > 0);
  }
}

async function countOf(guard: Guard, access: Access): Promise<number> {
  try {
    return await guard.count(access, EVERYTHING);
  } catch (error) {
    // What policy and request alone refuse is none, without a query.
    if (isMemwardenError(error, 'forbidden')) return 0;
    throw error;
  }
}

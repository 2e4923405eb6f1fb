import { MemwardenError } from '../../errors/memwarden-error.js';

/** How many exports run in a process at once, and how many of one credential: each writes a file of its own. */
const AT_ONCE = 4;
const OF_ONE = 2;

/** The places for exports of a process, of all its tenants. */
export class ExportSlots {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /**
   * Takes a place.
   *
   * @param credential whose export it is
   * @returns gives it back; once is enough
   * @throws MemwardenError rate_limited where there is none
   */
  take(credential: string): () => void {
    const own = this.#taken.get(credential) ?? 0;
    if (this.#all >= AT_ONCE || own >= OF_ONE) throw new MemwardenError('rate_limited', { exports: own });
    this.#all += 1;
    this.#taken.set(credential, own + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#all -= 1;
      const left = (this.#taken.get(credential) ?? 1) - 1;
      if (left === 0) this.#taken.delete(credential);
      else this.#taken.set(credential, left);
    };
  }
}

import { grown } from './arrays.js';

/** No neighbour. */
export const NOBODY = -1;
/** How many steps away a neighbour may be. */
export const REACH = 2;
const WIDTH = 2 * REACH;

interface Session {
  readonly name: string;
  /** Newest first. */
  readonly slots: number[];
}

/**
 * The memories of each session, newest first, and who stands beside whom. Where each place of a session is moves when
 * one comes or goes; only those within reach of it are linked anew.
 */
export class Sessions {
  readonly #isNewer: (a: number, b: number) => boolean;
  readonly #sessions = new Map<string, Session>();
  readonly #of: (Session | undefined)[] = [];
  #links = new Int32Array(64 * WIDTH).fill(NOBODY);
  #bytes = 0;

  /** @param isNewer whether a slot stands before another; a total order */
  constructor(isNewer: (a: number, b: number) => boolean) {
    this.#isNewer = isNewer;
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.#bytes + this.#links.byteLength + this.#of.length * 8;
  }

  /** The slot so many steps older (1 to REACH) in the same session, or NOBODY. */
  older(slot: number, steps: number): number {
    return this.#links[slot * WIDTH + steps - 1] ?? NOBODY;
  }

  /** The slot so many steps newer in the same session, or NOBODY. */
  newer(slot: number, steps: number): number {
    return this.#links[slot * WIDTH + REACH + steps - 1] ?? NOBODY;
  }

  /** Puts a slot into a session; returns the slots whose neighbourhood changed, itself among them. */
  add(name: string, slot: number): number[] {
    let session = this.#sessions.get(name);
    if (!session) {
      this.#sessions.set(name, (session = { name, slots: [] }));
      this.#bytes += 160 + name.length;
    }
    const at = this.#place(session.slots, slot);
    session.slots.splice(at, 0, slot);
    this.#of[slot] = session;
    this.#bytes += 8;
    return this.#relink(session.slots, at - REACH, at + REACH + 1);
  }

  /** Takes a slot out; returns the slots whose neighbourhood changed. */
  remove(slot: number): number[] {
    const session = this.#of[slot];
    if (!session) return [];
    const { name, slots } = session;
    const at = this.#place(slots, slot);
    slots.splice(at, 1);
    this.#of[slot] = undefined;
    this.#links.fill(NOBODY, slot * WIDTH, (slot + 1) * WIDTH);
    this.#bytes -= 8;
    if (slots.length === 0) {
      this.#sessions.delete(name);
      this.#bytes -= 160 + name.length;
    }
    return this.#relink(slots, at - REACH, at + REACH);
  }

  #relink(slots: readonly number[], from: number, to: number): number[] {
    const changed: number[] = [];
    for (let at = Math.max(0, from); at < Math.min(to, slots.length); at += 1) {
      const slot = slots[at] as number;
      if ((slot + 1) * WIDTH > this.#links.length) {
        const size = this.#links.length;
        this.#links = grown(this.#links, (slot + 1) * WIDTH);
        this.#links.fill(NOBODY, size);
      }
      for (let steps = 1; steps <= REACH; steps += 1) {
        this.#links[slot * WIDTH + steps - 1] = slots[at + steps] ?? NOBODY;
        this.#links[slot * WIDTH + REACH + steps - 1] = slots[at - steps] ?? NOBODY;
      }
      changed.push(slot);
    }
    return changed;
  }

  // The place of a slot, or where it belongs.
  #place(slots: readonly number[], slot: number): number {
    let low = 0;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#isNewer(slots[middle] as number, slot)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

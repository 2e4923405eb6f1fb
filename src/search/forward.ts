import { grown } from './arrays.js';

/**
 * The terms of each slot, in one typed array: what must be taken out of the inverted index when a memory goes. Holes
 * are closed when they are half of it.
 */
export class Forward {
  #data = new Uint32Array(1_024);
  #end = 0;
  #held = 0;
  #offsets = new Uint32Array(64);
  #lengths = new Uint32Array(64);

  /** How many bytes it takes. */
  get bytes(): number {
    return this.#data.byteLength + this.#offsets.byteLength + this.#lengths.byteLength;
  }

  /** The terms of a slot as they were set: each a number and a count, packed. */
  of(slot: number): Uint32Array {
    const offset = this.#offsets[slot] ?? 0;
    return this.#data.subarray(offset, offset + (this.#lengths[slot] ?? 0));
  }

  set(slot: number, terms: readonly number[]): void {
    if (slot >= this.#offsets.length) {
      this.#offsets = grown(this.#offsets, slot + 1);
      this.#lengths = grown(this.#lengths, slot + 1);
    }
    if (this.#end + terms.length > this.#data.length) this.#data = grown(this.#data, this.#end + terms.length);
    this.#data.set(terms, this.#end);
    this.#offsets[slot] = this.#end;
    this.#lengths[slot] = terms.length;
    this.#end += terms.length;
    this.#held += terms.length;
  }

  clear(slot: number): void {
    this.#held -= this.#lengths[slot] ?? 0;
    this.#lengths[slot] = 0;
    if (this.#end > 1_024 && this.#held < this.#end / 2) this.#close();
  }

  #close(): void {
    const data = new Uint32Array(Math.max(1_024, this.#held * 2));
    let end = 0;
    for (let slot = 0; slot < this.#offsets.length; slot += 1) {
      const terms = this.of(slot);
      data.set(terms, end);
      this.#offsets[slot] = end;
      end += terms.length;
    }
    this.#data = data;
    this.#end = end;
  }
}

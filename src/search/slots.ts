import { compareText } from '../model/text.js';
import { grown } from './arrays.js';

const NEVER = Infinity;
const UNKNOWN = -Infinity;
const ID_BYTES = 152;

/** What stands in a slot beside its terms. */
export interface SlotEntry {
  readonly id: string;
  readonly occurredAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** The number of terms with repetition. */
  readonly length: number;
  readonly isQuestion: boolean;
  /** The number of its speaker in the view, 0 for none. */
  readonly speaker: number;
  /** The languages of its words, a bit each. */
  readonly languages: number;
}

/** The memories of a view, a slot each; what every one has stands in typed arrays. Slots are used again. */
export class Slots {
  readonly #ids: (string | undefined)[] = [];
  readonly #byId = new Map<string, number>();
  readonly #free: number[] = [];
  #at = new Float64Array(64);
  #expires = new Float64Array(64);
  #lengths = new Int32Array(64);
  #spans = new Int32Array(64);
  #questions = new Uint8Array(64);
  #speakers = new Int32Array(64);
  #languages = new Int32Array(64);
  #nextExpiry = NEVER;

  /** How many memories there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** The lowest number that no slot reaches. */
  get end(): number {
    return this.#ids.length;
  }

  /** About how many bytes it takes. */
  get bytes(): number {
    return this.size * ID_BYTES + this.#at.length * (8 + 8 + 4 + 4 + 1 + 4 + 4);
  }

  slotOf(id: string): number | undefined {
    return this.#byId.get(id);
  }

  /** The id in a slot, or undefined where the slot is empty. */
  id(slot: number): string | undefined {
    return this.#ids[slot];
  }

  speaker(slot: number): number {
    return this.#speakers[slot] as number;
  }

  languages(slot: number): number {
    return this.#languages[slot] as number;
  }

  length(slot: number): number {
    return this.#lengths[slot] as number;
  }

  isQuestion(slot: number): boolean {
    return this.#questions[slot] === 1;
  }

  /** Its length with what it takes over from its neighbours, in sixteenths of a term. */
  span(slot: number): number {
    return this.#spans[slot] as number;
  }

  setSpan(slot: number, span: number): void {
    this.#spans[slot] = span;
  }

  /** Whether a slot stands before another: newer first, then by id as lists are ordered. */
  isNewer(a: number, b: number): boolean {
    const newer = (this.#at[a] as number) - (this.#at[b] as number);
    if (newer !== 0 && !Number.isNaN(newer)) return newer > 0;
    return compareText(this.#ids[a] ?? '', this.#ids[b] ?? '') > 0;
  }

  add(entry: SlotEntry): number {
    const slot = this.#free.pop() ?? this.#ids.length;
    if (slot >= this.#at.length) this.#grow();
    this.#ids[slot] = entry.id;
    this.#byId.set(entry.id, slot);
    this.#at[slot] = entry.occurredAt?.getTime() ?? UNKNOWN;
    const expires = entry.expiresAt?.getTime() ?? NEVER;
    this.#expires[slot] = expires;
    this.#nextExpiry = Math.min(this.#nextExpiry, expires);
    this.#lengths[slot] = entry.length;
    this.#spans[slot] = 0;
    this.#questions[slot] = entry.isQuestion ? 1 : 0;
    this.#speakers[slot] = entry.speaker;
    this.#languages[slot] = entry.languages;
    return slot;
  }

  remove(slot: number): void {
    const id = this.#ids[slot];
    if (id === undefined) return;
    this.#byId.delete(id);
    this.#ids[slot] = undefined;
    this.#free.push(slot);
  }

  /** The slots of memories that have expired at a time. Looks only where one may have. */
  expired(now: Date): number[] {
    const time = now.getTime();
    if (time < this.#nextExpiry) return [];
    const expired: number[] = [];
    let next = NEVER;
    for (let slot = 0; slot < this.#ids.length; slot += 1) {
      if (this.#ids[slot] === undefined) continue;
      const expires = this.#expires[slot] as number;
      if (expires <= time) expired.push(slot);
      else next = Math.min(next, expires);
    }
    this.#nextExpiry = next;
    return expired;
  }

  #grow(): void {
    const size = this.#at.length * 2;
    this.#at = grown(this.#at, size);
    this.#expires = grown(this.#expires, size);
    this.#lengths = grown(this.#lengths, size);
    this.#spans = grown(this.#spans, size);
    this.#questions = grown(this.#questions, size);
    this.#speakers = grown(this.#speakers, size);
    this.#languages = grown(this.#languages, size);
  }
}

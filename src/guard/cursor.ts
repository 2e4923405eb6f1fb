import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import { SealedTexts } from './sealed-text.js';

const HOUR = 3_600_000;
const LIFETIME = 24 * HOUR;
const MAX_LENGTH = 4_096;

/**
 * Cursors (S12): the sort values of a place, sealed for one context (who, where, what, which filter and order), so that a
 * cursor serves no other call. The time of issue counts in whole hours, which keeps cursors equal from call to call.
 */
export class Cursors {
  readonly #texts: SealedTexts;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;

  /** @param lifetimeMs how long a cursor can be continued, a day where it is not given */
  constructor(keys: CursorKeys, clock: Clock, lifetimeMs = LIFETIME) {
    this.#texts = new SealedTexts(keys, 'memwarden cursor 1');
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  /** @param place the sort values of the last released record */
  seal(context: readonly string[], place: readonly (string | number)[]): Promise<string> {
    const issued = Math.floor(this.#clock().getTime() / HOUR) * HOUR;
    return this.#texts.seal(context, JSON.stringify([issued, ...place]));
  }

  /** @throws MemwardenError invalid_cursor for every cursor that `seal` did not make for this context within their lifetime */
  async open(context: readonly string[], cursor: string): Promise<(string | number)[]> {
    const text = cursor.length <= MAX_LENGTH ? await this.#texts.open(context, cursor) : undefined;
    if (text === undefined) throw new MemwardenError('invalid_cursor');
    const [issued, ...place] = JSON.parse(text) as [number, ...(string | number)[]];
    const age = this.#clock().getTime() - issued;
    // Another process's clock may be ahead of this one's across the turn of an hour.
    if (age < -HOUR || age >= this.#lifetimeMs) throw new MemwardenError('invalid_cursor');
    return place;
  }
}

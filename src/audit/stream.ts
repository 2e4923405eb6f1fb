import { newId } from '../model/id.js';
import { beginning, type Place } from './format.js';
import type { Registry } from './registry.js';

/** A stream of this age, or of so many records, is closed and another opened, so that retention has whole ones to take. */
export const STREAM_AGE_MS = 24 * 3_600_000;
const STREAM_RECORDS = 1_000_000;

/** The stream that a process writes into: opened and closed in the registry. */
export class OpenStream {
  readonly #registry: Registry;
  #openedAt = 0;
  /** Where it stands; undefined where none is open. */
  place: Place | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** Where the next group goes: behind what is there, or into a stream that is opened now. */
  async at(now: Date): Promise<Place> {
    if (this.place && this.isOld(now)) await this.end('rotated');
    if (this.place) return this.place;
    const stream = newId();
    await this.#registry.append({ kind: 'open', stream });
    this.#openedAt = now.getTime();
    return (this.place = beginning(stream));
  }

  /** Whether another one is due. */
  isOld(now: Date): boolean {
    return now.getTime() - this.#openedAt >= STREAM_AGE_MS || (this.place?.seq ?? 0) >= STREAM_RECORDS;
  }

  /** Closes it where one is open. */
  async end(why: 'ended' | 'rotated'): Promise<void> {
    if (!this.place) return;
    const { stream, group, seq, head } = this.place;
    await this.#registry.append({ kind: 'close', stream, group, seq, head, why });
    this.place = undefined;
  }
}

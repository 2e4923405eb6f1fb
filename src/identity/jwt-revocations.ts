import { LONGEST_JWT_AGE_S, LARGEST_JWT_TOLERANCE_S } from '../config/jwt.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { NameOf } from '../model/name-of.js';
import { namespaced, type Namespace } from '../model/namespace.js';

const ATTEMPTS = 8;
// No token lives longer, so that no entry need.
const KEPT_MS = (LONGEST_JWT_AGE_S + 2 * LARGEST_JWT_TOLERANCE_S) * 1_000;

/**
 * The moment before which tokens of a subject are void, by subject. Every process reads it anew at each request. Subjects
 * stand there under keyed names, for as long as a token can live.
 */
export class JwtRevocations {
  readonly #moments: Namespace<string>;
  readonly #clock: Clock;
  readonly #nameOf: NameOf;

  constructor(store: KeyValueStore, clock: Clock, nameOf: NameOf) {
    this.#moments = namespaced(store, 'jwt-not-before', clock);
    this.#clock = clock;
    this.#nameOf = nameOf;
  }

  /** The moment that tokens of a subject must not have been issued before. */
  async notBefore(subject: string): Promise<Date | undefined> {
    const found = await this.#moments.get(await this.#keyOf(subject));
    return found && new Date(found.value);
  }

  /**
   * Voids every token of a subject that was issued before now.
   *
   * @returns the moment; never earlier than one that was set before
   */
  async revoke(subject: string): Promise<Date> {
    const now = this.#clock();
    const key = await this.#keyOf(subject);
    const expiresAt = new Date(now.getTime() + KEPT_MS);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await this.#moments.get(key);
      if (found && new Date(found.value) >= now) return new Date(found.value);
      const put = found
        ? await this.#moments.replace(found, now.toISOString(), expiresAt)
        : await this.#moments.insert(key, now.toISOString(), expiresAt);
      if (put) return now;
    }
    throw new MemwardenError('store_timeout');
  }

  #keyOf(subject: string): Promise<string> {
    return this.#nameOf('jwt subject', subject);
  }
}

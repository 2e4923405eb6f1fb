import { createHmac } from 'node:crypto';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { Caller } from '../identity/caller.js';
import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';
import { namespaced, type Kept, type Namespace } from '../model/namespace.js';
import { principalKey, type Principal } from '../model/principal.js';
import { isText } from '../model/text.js';

/** For how long a key stands for its request, in milliseconds. */
export const IDEMPOTENCY_MS = 86_400_000;
const MAX_KEY = 256;

/** What of an effect is kept: ids and numbers, never content. */
export interface KeptEffect {
  readonly ids: readonly string[];
  readonly count?: number;
}

/** A write that may come in twice. */
export interface Write<T> {
  readonly caller: Caller;
  readonly principal: Principal;
  /** The user whose partition it is on, where it is on one. */
  readonly owner?: string | undefined;
  /** Method and path as they came, so that a key that is used on another record is another key. */
  readonly route: string;
  /** The `Idempotency-Key`; undefined where none was sent: then it is carried out. */
  readonly key: string | undefined;
  /** Everything else that says what is asked for. */
  readonly body: unknown;
  /** Does it. @returns the answer, and what is kept of it */
  run(): Promise<{ readonly answer: T; readonly kept: KeptEffect }>;
  /** Decides anew, and renders what is there now through the guard. @throws what the same request would throw now */
  replay(kept: KeptEffect): Promise<T>;
  /**
   * Asks of stored data what comes before idempotency (S9): where the record is absent or forbidden it throws
   * `not_found`, whatever stands under the key.
   */
  assertThere?(): Promise<void>;
}

interface Reservation {
  readonly digest: string;
  readonly state: 'open' | 'done';
  readonly ids?: readonly string[];
  readonly count?: number;
}

/**
 * Idempotency of writes (S15). A reservation is kept before the effect, under an HMAC with an instance key of credential,
 * owner, principal, route and key; it holds a keyed digest of the body, a state and ids. What failed for certain frees the
 * key; what may have happened keeps it until it expires.
 */
export class Idempotency {
  readonly #kept: Namespace<Reservation>;
  readonly #clock: Clock;
  readonly #secret: () => Promise<Buffer>;

  /** @param secret the instance key, which all processes share */
  constructor(values: KeyValueStore, clock: Clock, secret: () => Promise<Buffer>) {
    this.#kept = namespaced(values, 'idempotency', clock);
    this.#clock = clock;
    this.#secret = secret;
  }

  /**
   * Carries a write out once.
   *
   * @throws MemwardenError idempotency_mismatch, idempotency_in_progress, invalid_argument, and what the write throws
   */
  async once<T>(write: Write<T>): Promise<T> {
    const { key } = write;
    if (key === undefined) return (await write.run()).answer;
    if (!isText(key) || key === '' || key.length > MAX_KEY)
      throw new MemwardenError('invalid_argument', { argument: 'Idempotency-Key' });
    const secret = await this.#secret();
    const name = digest(secret, 'key', [
      write.caller.kind,
      write.caller.id,
      write.owner ?? null,
      principalKey(write.principal),
      write.route,
      key,
    ]);
    const body = digest(secret, 'body', write.body ?? null);
    const expiresAt = new Date(this.#clock().getTime() + IDEMPOTENCY_MS);
    if (!(await this.#kept.insert(name, { digest: body, state: 'open' }, expiresAt))) {
      const found = await this.#kept.get(name);
      if (found) return this.#again(write, found, body);
      // It expired, or was freed, between the two looks.
      if (!(await this.#kept.insert(name, { digest: body, state: 'open' }, expiresAt)))
        throw new MemwardenError('idempotency_in_progress');
    }
    return this.#first(write, name, body, expiresAt);
  }

  async #first<T>(write: Write<T>, name: string, body: string, expiresAt: Date): Promise<T> {
    let done: Awaited<ReturnType<Write<T>['run']>>;
    try {
      done = await write.run();
    } catch (error) {
      if (isCertain(error)) await this.#kept.remove(name);
      throw error;
    }
    const reserved = await this.#kept.get(name);
    const { ids, count } = done.kept;
    const value = { digest: body, state: 'done', ids, ...(count === undefined ? {} : { count }) } as const;
    if (reserved) await this.#kept.replace(reserved, value, expiresAt);
    return done.answer;
  }

  async #again<T>(write: Write<T>, { value }: Kept<Reservation>, body: string): Promise<T> {
    const { state, ids = [], count } = value;
    if (state === 'open' || value.digest !== body) {
      await write.assertThere?.();
      throw new MemwardenError(value.digest === body ? 'idempotency_in_progress' : 'idempotency_mismatch');
    }
    return write.replay({ ids, ...(count === undefined ? {} : { count }) });
  }
}

// A refusal came before any effect. A `conflict` of a delete of many, and everything that a store, a log or a key
// service answered late or wrongly, may have come after one.
function isCertain(error: unknown): boolean {
  return isMemwardenError(error) && error.status < 500 && error.detail['deleted'] === undefined;
}

function digest(secret: Buffer, what: 'key' | 'body', value: unknown): string {
  const text = JSON.stringify([what, value]);
  return createHmac('sha256', secret).update('memwarden idempotency 1 ').update(text).digest('base64url');
}

import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../model/at-most.js';
import type { Clock } from '../../model/clock.js';
import type { KeyStore, WrappedKey } from '../../model/key-store.js';
import type { Kms } from '../../model/kms.js';
import type { Partition } from '../../model/partition.js';
import type { Pseudonym, Pseudonyms } from '../../model/pseudonyms.js';
import { KeyWrapping } from './key-wrapping.js';

/** What pseudonyms are made of. */
export interface RingPseudonymsOptions {
  readonly store: KeyStore;
  readonly kms: Kms;
  readonly clock: Clock;
  /** How long what is known of a user is held, in milliseconds. */
  readonly cacheMs: number;
}

const KEPT = 20_000;
const LOG_KEY_MS = 24 * 3_600_000;
const BYTES = 16;
const ATTEMPTS = 8;
/** Whose the log key is: nobody's. */
const NOBODY: Partition = { tenant: '', userId: '' };

/** Pseudonyms whose keys lie in the users' key rings, apart from the data keys, and go with them (S26). */
export class RingPseudonyms implements Pseudonyms {
  readonly #options: RingPseudonymsOptions;
  readonly #wrapping: KeyWrapping;
  readonly #known: LRUCache<string, Promise<Pseudonym>>;
  #log: { readonly key: Promise<WrappedKey>; readonly until: number } | undefined;

  constructor(options: RingPseudonymsOptions) {
    this.#options = options;
    this.#wrapping = new KeyWrapping(options.kms);
    this.#known = new LRUCache({
      ...atMost(KEPT),
      // A cache that holds nothing keeps what is asked for within one millisecond.
      ttl: Math.max(1, options.cacheMs),
      ttlResolution: 0,
      perf: { now: () => options.clock().getTime() },
    });
  }

  pseudonymOf(tenant: string, userId: string): Promise<Pseudonym> {
    const partition = { tenant, userId };
    return this.#kept(partition, async () => (await this.#options.store.ring(partition))?.pseudonym);
  }

  async lastingPseudonymOf(tenant: string, userId: string): Promise<Pseudonym> {
    const found = await this.pseudonymOf(tenant, userId);
    if (found.lasting) return found;
    const partition = { tenant, userId };
    this.drop(partition);
    return this.#kept(partition, () => this.#made(partition));
  }

  /** Holds nothing of a user any more. */
  drop(partition: Partition): void {
    this.#known.delete(nameOf(partition));
  }

  // Whether there is a key is held as well, so that a user without one costs what a user with one costs.
  #kept(partition: Partition, find: () => Promise<WrappedKey | undefined>): Promise<Pseudonym> {
    const name = nameOf(partition);
    const kept = this.#known.get(name);
    if (kept) return kept;
    const made = find().then((key) => this.#pseudonym(partition, key));
    this.#known.set(name, made);
    made.catch(() => this.#known.delete(name));
    return made;
  }

  // The log key is unwrapped each time like a user's, so that the key service tells nobody who has a key.
  async #pseudonym(partition: Partition, key: WrappedKey | undefined): Promise<Pseudonym> {
    const wrapped = key ?? (await this.#logKey());
    const secret = await this.#wrapping.unwrap('pseudonym', key ? partition : NOBODY, wrapped);
    const { tenant, userId } = partition;
    return {
      pseudonym: mac(secret, 'memwarden pseudonym 1', [tenant, userId]),
      keyId: wrapped.keyId,
      lasting: key !== undefined,
      digest: (ids) => mac(secret, 'memwarden memory ids 1', ids.length > 1 ? [...ids].sort() : ids),
    };
  }

  // For rings that were made before the log was: their users have memories, so that nothing is told by it.
  async #made(partition: Partition): Promise<WrappedKey | undefined> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await store.ring(partition);
      if (!ring || ring.pseudonym || ring.state !== 'active') return ring?.pseudonym;
      const pseudonym = await this.#wrapping.makeFor('pseudonym', partition);
      if (await store.swap({ ...ring, epoch: ring.epoch + 1, pseudonym }, ring.epoch)) return pseudonym;
    }
    return undefined;
  }

  // Never stored, so that nothing links its pseudonyms once the process or the day has ended.
  #logKey(): Promise<WrappedKey> {
    const now = this.#options.clock().getTime();
    if (!this.#log || now >= this.#log.until) {
      const key = this.#wrapping.makeFor('pseudonym', NOBODY);
      const log = (this.#log = { key, until: now + LOG_KEY_MS });
      key.catch(() => {
        if (this.#log === log) this.#log = undefined;
      });
    }
    return this.#log.key;
  }
}

function mac(secret: Buffer, domain: string, parts: readonly string[]): string {
  const hmac = createHmac('sha256', secret).update(`${domain}\n${parts.length}\n`);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest().toString('base64url', 0, BYTES);
}

// A tenant's name has no slash.
function nameOf({ tenant, userId }: Partition): string {
  return `${tenant}/${userId}`;
}

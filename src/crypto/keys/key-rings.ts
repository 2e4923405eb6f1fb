import { randomBytes } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Clock } from '../../model/clock.js';
import type { KeyRing, KeyStore, KeyVersion } from '../../model/key-store.js';
import type { Kms } from '../../model/kms.js';
import type { Partition } from '../../model/partition.js';
import type { KeyUse, PartitionOpener, PartitionSealer, Sealer, Unlock } from '../../model/sealer.js';
import { KeyCache } from '../key-cache.js';
import { HeldRing } from './held-ring.js';
import { KeyWrapping } from './key-wrapping.js';
import { MessageBudget } from './message-budget.js';
import { inUse, KeySession } from './key-session.js';
import { nameOf, partitionOf } from '../../model/partition-name.js';
import { Opener, SealingOpener, type KeysAtHand } from './opener.js';

const ATTEMPTS = 8;
const SECRET_BYTES = 32;

/** What keys are made of. */
export interface KeyRingsOptions {
  readonly store: KeyStore;
  readonly kms: Kms;
  readonly clock: Clock;
  /** How long an unwrapped key is held, in milliseconds. */
  readonly cacheMs: number;
  /** How many users' keys are held at most. */
  readonly cacheMax: number;
}

/** A user's keys, made, unwrapped, held for a short time and handed to reads and writes (S18, S22, S23). */
export class KeyRings implements Sealer {
  readonly #options: KeyRingsOptions;
  readonly #wrapping: KeyWrapping;
  readonly #cache: KeyCache<HeldRing>;
  readonly #budget = new MessageBudget();

  constructor(options: KeyRingsOptions) {
    this.#options = options;
    this.#wrapping = new KeyWrapping(options.kms);
    this.#cache = new KeyCache<HeldRing>({
      load: async (name) => this.#load(partitionOf(name)),
      wipe: (held) => held.wipe(),
      ttlMs: options.cacheMs,
      max: options.cacheMax,
      clock: options.clock,
    });
  }

  reading<T>(unlock: Unlock, work: (keys: PartitionOpener) => Promise<T>): Promise<T> {
    return this.#withRing(unlock, (held, session, isOver) =>
      held.ring?.state === 'erasing'
        ? work(new Opener(true, nothing, () => Promise.resolve(undefined), nothing, isOver))
        : work(new Opener(false, session.atHand, session.find, session.any, isOver)),
    );
  }

  async writing<T>(unlock: Unlock, use: KeyUse, work: (keys: PartitionSealer) => Promise<T>): Promise<T> {
    const { partition, ownerKey } = unlock;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const done = await this.#withRing(unlock, async (held, session, isOver) => {
        const { ring } = held;
        const { atHand, find, any } = session;
        if (ring?.state === 'erasing') throw new MemwardenError('erasing');
        if (!ring) {
          if (!use.create)
            return { result: await work(new SealingOpener(0, undefined, false, atHand, find, nothing, isOver)) };
          await this.#create(partition, ownerKey);
          return undefined;
        }
        if (ownerKey !== undefined && !ring.ownerHeld) throw new MemwardenError('owner_key_required');
        const version = inUse(ring);
        const taken = await this.#budget.take(version.keyId, use.messages, (count) =>
          this.#options.store.reserve(partition, version.keyId, count),
        );
        if (taken === 'spent') await this.advance(partition, ownerKey);
        if (taken !== 'taken') return undefined;
        const current = await find(version.keyId);
        const sealing = new SealingOpener(ring.epoch, current, false, atHand, find, any, isOver);
        return { result: await this.#fenced(partition, () => work(sealing)) };
      });
      if (done) return done.result;
      this.drop(partition);
    }
    throw new MemwardenError('epoch_over');
  }

  /**
   * Puts a new key version in use; the one before it is retiring from then on.
   *
   * @returns the new epoch, or undefined where the user has no keys
   */
  async advance(partition: Partition, ownerKey?: Uint8Array): Promise<number | undefined> {
    const { store, clock } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await store.ring(partition);
      if (!ring) return undefined;
      if (ring.state === 'erasing') throw new MemwardenError('erasing');
      if (ring.ownerHeld && !ownerKey) throw new MemwardenError('owner_key_required');
      const version = await this.#wrapping.make(partition, ownerKey, clock(), MessageBudget.first);
      const before = ring.versions.map((one) => ({ ...one, state: 'retiring' as const }));
      const next: KeyRing = { ...ring, epoch: ring.epoch + 1, versions: [version, ...before] };
      if (!(await store.swap(next, ring.epoch))) continue;
      this.#budget.begin(version.keyId);
      this.drop(partition);
      return next.epoch;
    }
    throw new MemwardenError('epoch_over');
  }

  /** Makes the secret of an author in a space, which has keys. What the space's others write lands as before. */
  async letIn(partition: Partition, secretId: string): Promise<void> {
    const secret = randomBytes(SECRET_BYTES).toString('hex');
    const done = await this.#change(partition, (ring) => ({ authors: { ...ring.authors, [secretId]: secret } }));
    if (done === undefined) throw new MemwardenError('internal');
  }

  /**
   * Ends the epoch of a partition's keys; the keys stay as they are, but for the secrets of authors that are named.
   *
   * @returns the new epoch, or undefined where there are no keys
   */
  async pass(partition: Partition, secretIds: readonly string[] = []): Promise<number | undefined> {
    return this.#change(partition, ({ authors }) => {
      if (!authors || secretIds.length === 0) return {};
      const left = Object.entries(authors).filter(([id]) => !secretIds.includes(id));
      return { authors: Object.fromEntries(left) };
    });
  }

  async #change(partition: Partition, change: (ring: KeyRing) => Partial<KeyRing>): Promise<number | undefined> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const ring = await store.ring(partition);
      if (!ring) return undefined;
      if (ring.state === 'erasing') throw new MemwardenError('erasing');
      // A key store that was restored is behind the fences that the data have.
      const epoch = Math.max(ring.epoch + 1, Date.now());
      if (!(await store.swap({ ...ring, ...change(ring), epoch }, ring.epoch))) continue;
      this.drop(partition);
      return epoch;
    }
    throw new MemwardenError('epoch_over');
  }

  /** Runs work with the keys of some versions of a ring, unwrapped for it alone. */
  async withVersions<T>(
    ring: KeyRing,
    ownerKey: Uint8Array | undefined,
    work: (keys: KeysAtHand) => Promise<T>,
  ): Promise<T> {
    if (ring.ownerHeld && !ownerKey) throw new MemwardenError('owner_key_required');
    const nothingNewer = () => Promise.resolve(undefined);
    const open = (version: KeyVersion) => this.#wrapping.open(ring, version, ownerKey);
    const session = new KeySession(new HeldRing(ring), { partition: ring, ownerKey }, nothingNewer, open);
    try {
      for (const version of ring.versions) await session.take(version);
      return await work(session.atHand);
    } finally {
      session.end();
    }
  }

  /** Holds the keys of a partition no more; for what another process changed. */
  drop(partition: Partition): void {
    this.#cache.drop(nameOf(partition));
  }

  /** How many users' keys are held. */
  get size(): number {
    return this.#cache.size;
  }

  close(): void {
    this.#cache.close();
  }

  async #load(partition: Partition): Promise<HeldRing> {
    const held = new HeldRing(await this.#options.store.ring(partition));
    const { ring } = held;
    // Unwrapped whatever is asked, so that what is there and what is not cost the same (S10).
    if (ring?.state === 'active' && !ring.ownerHeld) {
      await Promise.all(
        ring.versions.map((version) => held.unwrapped(version.keyId, () => this.#wrapping.open(partition, version))),
      );
    }
    return held;
  }

  // What is unwrapped with a key of the owner lives as long as the act.
  async #withRing<T>(
    unlock: Unlock,
    act: (held: HeldRing, session: KeySession, isOver: () => boolean) => Promise<T>,
  ): Promise<T> {
    const { partition, ownerKey } = unlock;
    return this.#cache.use(nameOf(partition), async (held, isOver) => {
      const session = new KeySession(
        held,
        unlock,
        (name) => this.#renewed(name),
        (version) => this.#wrapping.open(partition, version, ownerKey),
      );
      try {
        if (held.ring?.ownerHeld) await session.unlock();
        return await act(held, session, isOver);
      } finally {
        session.end();
      }
    });
  }

  // The key record as it is in the store now, where a record names a version that the one at hand has not.
  async #renewed(partition: Partition): Promise<KeyRing | undefined> {
    const ring = await this.#options.store.ring(partition);
    this.drop(partition);
    return ring;
  }

  async #create(partition: Partition, ownerKey: Uint8Array | undefined): Promise<void> {
    const { store, clock } = this.#options;
    const [version, pseudonym] = await Promise.all([
      this.#wrapping.make(partition, ownerKey, clock(), MessageBudget.first),
      // Apart from the data key and not the owner's to hold: the log names the owner while the owner is away (S26).
      this.#wrapping.makeFor('pseudonym', partition),
    ]);
    const ring: KeyRing = {
      tenant: partition.tenant,
      userId: partition.userId,
      epoch: Date.now(),
      state: 'active',
      ownerHeld: ownerKey !== undefined,
      versions: [version],
      pseudonym,
    };
    if (await store.swap(ring, undefined)) this.#budget.begin(version.keyId);
  }

  async #fenced<T>(partition: Partition, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // The key record at hand is not the one in force.
      if (error instanceof MemwardenError && error.code === 'epoch_over') this.drop(partition);
      throw error;
    }
  }
}

// Of a user who is being erased nothing opens, however far the erasure is.
const nothing = () => undefined;

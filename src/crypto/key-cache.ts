import { performance } from 'node:perf_hooks';
import { LRUCache } from 'lru-cache';
import { atMost } from '../model/at-most.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { systemClock, type Clock } from '../model/clock.js';

/** How a key cache is made. */
export interface KeyCacheOptions<V> {
  /** Unwraps the key of an id. What it returns is the cache's own from then on. */
  readonly load: (id: string) => Promise<V>;
  /** Destroys a key: called once for each that was loaded, when the last use has ended. */
  readonly wipe: (key: V) => void;
  /** How long a key may be used from the moment when its load began, in milliseconds; 60 seconds. */
  readonly ttlMs?: number;
  /** The most keys that are kept; 10,000. The least recently used one goes first. */
  readonly max?: number;
  readonly clock?: Clock;
}

/** A key from the beginning of its load until it is wiped. */
interface Entry<V> {
  readonly id: string;
  readonly key: Promise<V>;
  readonly since: Moment;
  loaded: { readonly key: V } | undefined;
  /** Who asked for it and has not ended. */
  users: number;
  /** No use may begin with it any more. */
  dropped: boolean;
  /** It is in no table any more, and is wiped when nobody uses it. */
  retired: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * Unwrapped keys, for a short time. Bounded in number and age; each is loaded once however many ask for it at the same
 * time, failures are not kept, and a key is wiped as soon as it has left the cache and no use is under way.
 */
export class KeyCache<V> {
  readonly #options: Required<KeyCacheOptions<V>>;
  readonly #kept: LRUCache<string, Entry<V>>;
  readonly #loading = new Map<string, Entry<V>>();
  #closed = false;

  constructor(options: KeyCacheOptions<V>) {
    this.#options = { ttlMs: 60_000, max: 10_000, clock: systemClock, ...options };
    this.#kept = new LRUCache({ ...atMost(this.#options.max), dispose: (entry) => this.#retire(entry) });
  }

  /**
   * Lends a key to a work. It stays whole until the work has ended, also where it leaves the cache meanwhile; the work
   * must not keep it longer, nor take longer than it needs: what it holds outlives a drop.
   *
   * @param work is also told how to ask, later on, whether the key was dropped or has become too old
   * @throws MemwardenError closed, and whatever the load or the work throws
   */
  async use<T>(id: string, work: (key: V, isOver: () => boolean) => T | Promise<T>): Promise<T> {
    for (;;) {
      const entry = this.#enter(id);
      try {
        const key = await entry.key;
        // Dropped while it was awaited: what was loaded may be what the drop was to end. A new load says.
        if (!entry.dropped) return await work(key, () => entry.dropped || this.#isOver(entry));
      } finally {
        this.#leave(entry);
      }
    }
  }

  /** No use begins with this key any more, nor with what is being loaded for it. */
  drop(id: string): void {
    for (const entry of [this.#kept.peek(id), this.#loading.get(id)]) if (entry) entry.dropped = true;
    this.#kept.delete(id);
    this.#loading.delete(id);
  }

  /** As `drop`, of every key. */
  dropAll(): void {
    for (const id of [...this.#kept.keys(), ...this.#loading.keys()]) this.drop(id);
  }

  /** Drops every key; calls after it throw `closed`. */
  close(): void {
    this.#closed = true;
    this.dropAll();
  }

  /** How many keys are kept. */
  get size(): number {
    return this.#kept.size;
  }

  // Counted as a user at once: between the end of a load and the turn of who waits for it, the key may be evicted.
  #enter(id: string): Entry<V> {
    if (this.#closed) throw new MemwardenError('closed');
    const kept = this.#kept.get(id);
    if (kept && this.#isOver(kept)) this.#kept.delete(id);
    const entry = this.#kept.get(id) ?? this.#loading.get(id) ?? this.#start(id);
    entry.users += 1;
    return entry;
  }

  #leave(entry: Entry<V>): void {
    entry.users -= 1;
    this.#wipeIfUnused(entry);
  }

  #start(id: string): Entry<V> {
    const since = this.#now();
    const key = Promise.resolve()
      .then(() => this.#options.load(id))
      .then((loaded) => this.#keep(entry, loaded))
      .finally(() => {
        if (this.#loading.get(id) === entry) this.#loading.delete(id);
      });
    const entry: Entry<V> = {
      id,
      key,
      since,
      loaded: undefined,
      users: 0,
      dropped: false,
      retired: false,
      timer: undefined,
    };
    this.#loading.set(id, entry);
    return entry;
  }

  #keep(entry: Entry<V>, key: V): V {
    entry.loaded = { key };
    if (entry.dropped || this.#isOver(entry)) this.#retire(entry);
    else {
      // A key that nobody asks for again is wiped in time as well.
      entry.timer = setTimeout(() => this.#expire(entry), this.#options.ttlMs).unref();
      this.#kept.set(entry.id, entry);
    }
    return key;
  }

  #expire(entry: Entry<V>): void {
    if (this.#kept.peek(entry.id) === entry) this.#kept.delete(entry.id);
  }

  #retire(entry: Entry<V>): void {
    entry.retired = true;
    clearTimeout(entry.timer);
    this.#wipeIfUnused(entry);
  }

  #wipeIfUnused(entry: Entry<V>): void {
    if (!entry.retired || entry.users > 0 || !entry.loaded) return;
    const { key } = entry.loaded;
    entry.loaded = undefined;
    this.#options.wipe(key);
  }

  #now(): Moment {
    return { wall: this.#options.clock().getTime(), monotonic: performance.now() };
  }

  // Two clocks, and the stricter counts: the wall clock can be set back, the monotonic one may stand still in a suspend.
  #isOver({ since }: Entry<V>): boolean {
    const now = this.#now();
    const wall = now.wall - since.wall;
    return wall < 0 || wall >= this.#options.ttlMs || now.monotonic - since.monotonic >= this.#options.ttlMs;
  }
}

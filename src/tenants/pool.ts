import { MemwardenError } from '../errors/memwarden-error.js';

/** What a pool keeps open. */
export interface Closable {
  close(): Promise<void>;
}

/** How many are kept open, and for how long. */
export interface PoolOptions {
  readonly maxOpen: number;
  /** How long one that nobody uses stays open, in milliseconds. */
  readonly idleMs: number;
  /** How long a call waits for one that is in use to be released, in milliseconds. */
  readonly waitMs: number;
}

/** How a pool is used. */
export interface PoolCounters {
  readonly open: number;
  readonly leases: number;
  readonly opened: number;
  readonly closed: number;
}

/** One that is open, for as long as it is held. */
export interface Lease<T> {
  readonly value: T;
  /** Holds it once more, for something that goes on after this lease. @returns gives that back */
  readonly hold: () => () => void;
  /** Gives it back; once. */
  readonly release: () => void;
}

interface Entry<T> {
  readonly opening: Promise<T>;
  leases: number;
  usedAt: number;
}

/**
 * Keeps at most so many open, by name. The one that was least recently used is closed to make room, never one that is
 * held; those who ask for one name at once share one opening, and wait for a closing of that name to end.
 */
export class Pool<T extends Closable> {
  readonly #open: (name: string) => Promise<T>;
  readonly #options: PoolOptions;
  // In the order of use, the oldest first.
  readonly #entries = new Map<string, Entry<T>>();
  readonly #closing = new Map<string, Promise<void>>();
  readonly #waiting = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #opened = 0;
  #closed = 0;
  #isClosed = false;

  constructor(open: (name: string) => Promise<T>, options: PoolOptions) {
    this.#open = open;
    this.#options = options;
    this.#timer = setInterval(() => void this.closeIdle(), Math.max(1_000, options.idleMs / 2)).unref();
  }

  /** @throws MemwardenError tenants_busy where all that may be open are held, closed, and what opening throws */
  async lease(name: string): Promise<Lease<T>> {
    const until = performance.now() + this.#options.waitMs;
    for (;;) {
      this.assertOpen();
      const found = this.#entries.get(name);
      if (found) return this.#leased(name, found);
      const closing = this.#closing.get(name);
      if (closing) await closing;
      else if (this.#hasRoom()) this.#enter(name);
      else await this.#change(until);
    }
  }

  /** @throws MemwardenError closed */
  assertOpen(): void {
    if (this.#isClosed) throw new MemwardenError('closed');
  }

  /** Closes one that is open, once nobody holds it. @throws MemwardenError tenants_busy where it is held for too long */
  async drop(name: string): Promise<void> {
    const until = performance.now() + this.#options.waitMs;
    for (;;) {
      const entry = this.#entries.get(name);
      if (!entry) return this.#closing.get(name);
      if (entry.leases === 0) return this.#close(name, entry);
      await this.#change(until);
    }
  }

  /** Closes those that nobody has used for a while. */
  async closeIdle(now = performance.now()): Promise<void> {
    const idle = [...this.#entries].filter(
      ([, { leases, usedAt }]) => leases === 0 && now - usedAt >= this.#options.idleMs,
    );
    await Promise.allSettled(idle.map(([name, entry]) => this.#close(name, entry)));
  }

  /** Those that are open now. */
  async values(): Promise<T[]> {
    const opened = await Promise.allSettled([...this.#entries.values()].map(({ opening }) => opening));
    return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  get counters(): PoolCounters {
    const leases = [...this.#entries.values()].reduce((sum, entry) => sum + entry.leases, 0);
    return { open: this.#entries.size + this.#closing.size, leases, opened: this.#opened, closed: this.#closed };
  }

  /** Closes all, also those that are held: their calls throw `closed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#tell();
    await Promise.all([...this.#entries].map(([name, entry]) => this.#close(name, entry)));
    await Promise.all(this.#closing.values());
  }

  async #leased(name: string, entry: Entry<T>): Promise<Lease<T>> {
    const release = this.#hold(entry);
    this.#touch(name, entry);
    try {
      return { value: await entry.opening, hold: () => this.#hold(entry), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #hold(entry: Entry<T>): () => void {
    entry.leases += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      entry.leases -= 1;
      entry.usedAt = performance.now();
      this.#tell();
    };
  }

  #enter(name: string): void {
    const opening = this.#open(name);
    const entry: Entry<T> = { opening, leases: 0, usedAt: performance.now() };
    this.#opened += 1;
    this.#entries.set(name, entry);
    opening.catch(() => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      this.#tell();
    });
  }

  // Room is made by closing; until that has ended the place is taken.
  #hasRoom(): boolean {
    if (this.#entries.size + this.#closing.size < this.#options.maxOpen) return true;
    if (this.#closing.size > 0) return false;
    for (const [name, entry] of this.#entries) {
      if (entry.leases > 0) continue;
      void this.#close(name, entry).catch(() => undefined);
      break;
    }
    return false;
  }

  #touch(name: string, entry: Entry<T>): void {
    entry.usedAt = performance.now();
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
  }

  #close(name: string, entry: Entry<T>): Promise<void> {
    if (this.#entries.get(name) !== entry) return this.#closing.get(name) ?? Promise.resolve();
    this.#entries.delete(name);
    const closing = (async () => {
      const value = await entry.opening.catch(() => undefined);
      await value?.close();
    })().finally(() => {
      this.#closed += 1;
      this.#closing.delete(name);
      this.#tell();
    });
    this.#closing.set(name, closing);
    return closing;
  }

  #tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  async #change(until: number): Promise<void> {
    const left = until - performance.now();
    if (left <= 0) throw new MemwardenError('tenants_busy');
    let timer: NodeJS.Timeout | undefined;
    let wake: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
      timer = setTimeout(resolve, left);
    });
    clearTimeout(timer);
    this.#waiting.delete(wake);
  }
}

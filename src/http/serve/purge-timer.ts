import type { DoorServices } from '../../internals.js';
import type { Warden } from '../../warden.js';

const BATCH = 1_000;
const JITTER = 0.1;

/** What a purge took away. */
export interface Purged {
  readonly memories: number;
  readonly values: number;
}

/** Who hears what became of each purge. */
export interface PurgeListener {
  purged(purged: Purged): void;
  failed(error: unknown): void;
}

/**
 * Deletes what has expired, memories and documents of the product itself, again and again: about every so often, so that the
 * processes on one store do not all begin at once, and never two at once.
 */
export class PurgeTimer {
  readonly #warden: Pick<Warden, 'purge'>;
  readonly #services: Pick<DoorServices, 'values' | 'clock'>;
  readonly #listener: PurgeListener;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** @param everyMs 0: never */
  constructor(
    warden: Pick<Warden, 'purge'>,
    services: Pick<DoorServices, 'values' | 'clock'>,
    everyMs: number,
    listener: PurgeListener,
  ) {
    this.#warden = warden;
    this.#services = services;
    this.#listener = listener;
    this.#everyMs = everyMs;
    this.#wait();
  }

  /** Purges now, or waits for the purge that is under way. */
  run(): Promise<void> {
    return (this.#running ??= this.#purge().finally(() => (this.#running = undefined)));
  }

  /** Begins no more, and waits for the one that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(): void {
    if (this.#stopped || this.#everyMs === 0) return;
    const wait = this.#everyMs * (1 - JITTER + 2 * JITTER * Math.random());
    this.#timer = setTimeout(() => void this.run().then(() => this.#wait()), wait);
    this.#timer.unref();
  }

  async #purge(): Promise<void> {
    try {
      const { deleted } = await this.#warden.purge();
      this.#listener.purged({ memories: deleted, values: await this.#values() });
    } catch (error) {
      this.#listener.failed(error);
    }
  }

  async #values(): Promise<number> {
    const { values, clock } = this.#services;
    let removed = 0;
    while (!this.#stopped) {
      const count = await values.removeExpired(clock(), BATCH);
      removed += count;
      if (count < BATCH) break;
    }
    return removed;
  }
}

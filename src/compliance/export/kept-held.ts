import type { KeptKey } from './kept-key.js';

/** The key of an export while its files are handed out: no longer at a time than any key is held, however slow the reader. */
export class HeldKey {
  readonly #key: KeptKey;
  readonly #about: Buffer;
  readonly #holdMs: number;
  #secret: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param key with every share in it
   * @param about as for `KeptKey.key`
   * @param holdMs how long an unwrapped key is held, in milliseconds
   */
  constructor(key: KeptKey, about: Buffer, holdMs: number) {
    this.#key = key;
    this.#about = about;
    this.#holdMs = holdMs;
    this.#take();
  }

  /**
   * The key, to be used at once: what is awaited may take it away. What it was made with is asked for anew where that is
   * over.
   *
   * @returns undefined where somebody in it was erased, or the epoch of their keys is over otherwise
   * @throws MemwardenError kms_unavailable, kms_timeout, key_refused, owner_key_required
   */
  async now(): Promise<Buffer | undefined> {
    if (this.#secret && !this.#key.isOver) return this.#secret;
    this.end();
    return (await this.#key.reopen()) ? this.#take() : undefined;
  }

  /** Forgets it. */
  end(): void {
    clearTimeout(this.#timer);
    this.#key.wipe();
    this.#secret?.fill(0);
    this.#secret = undefined;
  }

  #take(): Buffer {
    this.#secret = this.#key.key(this.#about);
    // Who reads no further asks for nothing either.
    this.#timer = setTimeout(() => this.end(), this.#holdMs).unref();
    return this.#secret;
  }
}

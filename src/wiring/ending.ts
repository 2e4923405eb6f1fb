import { setTimeout as sleep } from 'node:timers/promises';
import { MemwardenError } from '../errors/memwarden-error.js';

/** How long acts have to put on record that they ended, in milliseconds. */
const PATIENCE_MS = 2_000;

/** The end of a warden: nothing begins after it, and acts of many steps end where they can be gone on with. */
export class Ending {
  readonly #over = new AbortController();
  readonly #acts = new Set<Promise<unknown>>();

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Runs an act that the end waits for a moment. */
  during<T>(act: () => Promise<T>): Promise<T> {
    const running = act();
    const ended = running.then(noop, noop).finally(() => this.#acts.delete(ended));
    this.#acts.add(ended);
    return running;
  }

  /** Between two steps of an act. @throws MemwardenError closed where the end came: the act can be gone on with */
  assertGoesOn(): void {
    if (this.isOver) throw new MemwardenError('closed');
  }

  /** Waits, in milliseconds. @throws MemwardenError closed where the end comes first */
  readonly wait = async (ms: number): Promise<void> => {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {
      throw new MemwardenError('closed');
    });
  };

  /** Comes, and gives acts time to put on record that they ended. @returns false where it had come before */
  async come(): Promise<boolean> {
    if (this.isOver) return false;
    this.#over.abort();
    const patience = new AbortController();
    const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(noop);
    await Promise.race([Promise.all(this.#acts), late]);
    patience.abort();
    return true;
  }
}

function noop(): void {
  // What an act ends in is for who asked for it.
}

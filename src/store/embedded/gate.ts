import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { OWNER_ALONE } from './permissions.js';

const OPTIONS = { overlappingSync: false, maxDbs: 1, compression: false, permissionsMode: OWNER_ALONE };
const HALF_MADE = 22;
const ATTEMPTS = 100;

/**
 * Lets one in at a time, over all processes of a host: whoever commits to an environment, or opens it. LMDB tells
 * readers and the next writer which commit is the newest, and an opening process tells them so again from what it has
 * read a moment before, without a lock: a commit in between would be taken back (lmdb 3.5.6, `mdb_env_open2`). The
 * lock is that of an environment of its own in which nothing is ever written, and which is freed when its holder dies.
 */
export class Gate {
  readonly #lock: RootDatabase;

  private constructor(lock: RootDatabase) {
    this.#lock = lock;
  }

  static async open(path: string): Promise<Gate> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return new Gate(open({ ...OPTIONS, path }));
      } catch (error) {
        // Two processes that make the files at once: the one that comes second finds them half made.
        if ((error as { code?: unknown }).code !== HALF_MADE || attempt === ATTEMPTS) throw error;
        await sleep(5 + Math.random() * 20);
      }
    }
  }

  /** Runs work while nobody else is inside. */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    await turn();
    try {
      return await this.#lock.transaction(work);
    } finally {
      leave();
    }
  }

  async close(): Promise<void> {
    await this.#lock.close();
  }
}

// Whoever is at a gate holds a thread of libuv's pool (4 unless the operator says otherwise), and the commit inside needs
// another: four stores of one process at their gates at once would wait for each other for ever.
const AT_ONCE = 2;
const turns: (() => void)[] = [];
let atGates = 0;

async function turn(): Promise<void> {
  if (atGates < AT_ONCE) atGates += 1;
  else await new Promise<void>((resolve) => turns.push(resolve));
}

function leave(): void {
  const next = turns.shift();
  if (next) next();
  else atGates -= 1;
}

interface Waiting {
  readonly run: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** The writing side of an environment: one commit for all that waits, inside the gate. */
export class Writer {
  readonly #gate: Gate;
  readonly #root: () => RootDatabase;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** @param root the environment, asked for inside the gate */
  constructor(gate: Gate, root: () => RootDatabase) {
    this.#gate = gate;
    this.#root = root;
  }

  /** Runs work in a transaction that is on disk when the promise resolves; what it throws takes back its own writes only. */
  write<T>(work: () => T): Promise<T> {
    return this.direct(() => this.#root().childTransaction(work));
  }

  /**
   * Lets one write of LMDB's own go with the next commit, such as a `put`: on disk when the promise resolves. It saves
   * the turns between threads that a transaction with work of JavaScript in it takes.
   */
  direct<T>(put: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run: () => put().then(resolve, reject), fail: reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // What is asked for in one turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#gate.enter(() => Promise.all(batch.map(({ run }) => run())));
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    this.#running = undefined;
  }
}

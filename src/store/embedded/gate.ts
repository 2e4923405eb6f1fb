import { mkdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { causeOf } from './errors.js';
import { assertRoom } from './room.js';
import { SETTINGS } from './settings.js';

const HALF_MADE = 22;
const ATTEMPTS = 100;

// One a process and folder. Opened a second time while somebody is inside, LMDB would wait on the main thread for a lock
// that only the main thread can give back.
interface Lock {
  readonly root: Promise<RootDatabase>;
  users: number;
  /** Settles when nobody of this process is inside or before it: LMDB runs what waits for one lock side by side. */
  last: Promise<void>;
}
const locks = new Map<string, Lock>();

/**
 * Lets one in at a time, over all processes of a host: whoever commits to an environment, or opens it. LMDB tells
 * readers and the next writer which commit is the newest, and an opening process tells them so again from what it has
 * read a moment before, without a lock: a commit in between would be taken back (lmdb 3.5.6, `mdb_env_open2`). The
 * lock is that of an environment of its own in which nothing is ever written, and which is freed when its holder dies.
 */
export class Gate {
  readonly #name: string;
  readonly #lock: Lock;
  readonly #root: RootDatabase;

  private constructor(name: string, lock: Lock, root: RootDatabase) {
    this.#name = name;
    this.#lock = lock;
    this.#root = root;
  }

  /** @param path a folder, made if it is not there */
  static async open(path: string): Promise<Gate> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { dev, ino } = await stat(path);
    const name = `${dev}:${ino}`;
    let lock = locks.get(name);
    if (!lock) locks.set(name, (lock = { root: opened(path), users: 0, last: Promise.resolve() }));
    lock.users += 1;
    try {
      return new Gate(name, lock, await lock.root);
    } catch (error) {
      release(name, lock);
      throw error;
    }
  }

  /** Runs work while nobody else is inside. */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#lock.last;
    let done!: () => void;
    this.#lock.last = new Promise((resolve) => (done = resolve));
    await before;
    await turn();
    try {
      return await this.#root.transaction(work);
    } finally {
      leave();
      done();
    }
  }

  async close(): Promise<void> {
    if (release(this.#name, this.#lock)) await this.#root.close();
  }
}

async function opened(path: string): Promise<RootDatabase> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return open({ ...SETTINGS, path, maxDbs: 1 });
    } catch (error) {
      // Two processes that make the files at once: the one that comes second finds them half made.
      if ((error as { code?: unknown }).code !== HALF_MADE || attempt === ATTEMPTS) throw error;
      await sleep(5 + Math.random() * 20);
    }
  }
}

// Whether nobody uses it any more.
function release(name: string, lock: Lock): boolean {
  lock.users -= 1;
  if (lock.users === 0 && locks.get(name) === lock) locks.delete(name);
  return lock.users === 0;
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
  readonly #path: string;
  readonly #root: () => RootDatabase;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /**
   * @param path a folder on the disk of the environment
   * @param root the environment, asked for inside the gate
   */
  constructor(gate: Gate, path: string, root: () => RootDatabase) {
    this.#gate = gate;
    this.#path = path;
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
    if (this.#closed) return Promise.reject(new MemwardenError('store_unavailable', { reason: 'closed' }));
    return new Promise<T>((resolve, reject) => {
      // The cause is waited for outside the gate.
      const fail = (error: unknown) => void causeOf(error).then(reject);
      this.#waiting.push({ run: () => put().then(resolve, fail), fail });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** The same, and nothing is written from now on: LMDB ends the process where an environment is closed before a write. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
  }

  async #drain(): Promise<void> {
    // What is asked for in one turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        assertRoom(this.#path);
        await this.#gate.enter(() => Promise.all(batch.map(({ run }) => run())));
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    this.#running = undefined;
  }
}

import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { isOfContent } from './errors.js';

/** How many may wait for one kind of run; who comes beyond is turned away at once. */
export const MOST_WAITING = 10_000;

/** What one caller asked for, and how it is answered. */
export interface Asked<I, O> {
  readonly item: I;
  readonly resolve: (answer: O) => void;
  readonly reject: (error: unknown) => void;
}

/** How work is gathered. */
export interface Gathering {
  /** How many runs may be under way at a time. */
  readonly runs: number;
  /** How many items go into one run. */
  readonly most: number;
  /** How many bytes go into one run; one that is larger goes alone. */
  readonly mostBytes?: number;
}

/** What gathering asks of the kind of item. */
export interface Kind<I> {
  /** How long an item may wait for its run to begin, in milliseconds. */
  readonly patience: () => number;
  /** How many bytes an item takes; nothing where none is given. */
  readonly sizeOf?: (item: I) => number;
}

interface Waiting<I, O> extends Asked<I, O> {
  readonly until: number;
}

/**
 * Does for many callers at once what each asks for: what is asked for in one turn, or while as many runs are under way
 * as may be, goes into the next run. A run begins after each of its items was asked for, so that what it reads is no
 * older than what the caller would have read alone; nothing is kept from one run for another.
 */
export class Gathered<I, O> {
  readonly #run: (asked: readonly Asked<I, O>[]) => Promise<void>;
  readonly #gathering: Gathering;
  readonly #kind: Kind<I>;
  readonly #waiting: Waiting<I, O>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #under = 0;
  #isDue = false;

  /**
   * @param run answers each of what it is given; where it throws, all that it has not answered fail alike, unless what
   *   one of them holds failed them: then each is run alone
   */
  constructor(gathering: Gathering, kind: Kind<I>, run: (asked: readonly Asked<I, O>[]) => Promise<void>) {
    this.#gathering = gathering;
    this.#kind = kind;
    this.#run = run;
  }

  /** @throws MemwardenError store_timeout where no run began in time; store_unavailable where too many wait */
  ask(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MOST_WAITING) {
        reject(new MemwardenError('store_unavailable'));
        return;
      }
      this.#waiting.push({ item, resolve, reject, until: performance.now() + this.#kind.patience() });
      this.#watch();
      this.#next();
    });
  }

  #next(): void {
    if (this.#isDue || this.#waiting.length === 0 || this.#under >= this.#gathering.runs) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.#dropLate();
      const asked = this.#take();
      this.#watch();
      if (asked.length > 0) void this.#begin(asked);
      this.#next();
    });
  }

  #take(): Asked<I, O>[] {
    const { most, mostBytes = Infinity } = this.#gathering;
    let count = 0;
    let bytes = 0;
    for (const { item } of this.#waiting) {
      bytes += this.#sizeOf(item);
      if (count === most || (count > 0 && bytes > mostBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  // What has no size cannot be sent either: its run tells why.
  #sizeOf(item: I): number {
    try {
      return this.#kind.sizeOf?.(item) ?? 0;
    } catch {
      return 0;
    }
  }

  // All wait equally long, so that the first is the first to be late.
  #dropLate(): void {
    const now = performance.now();
    const inTime = this.#waiting.findIndex(({ until }) => until > now);
    const late = this.#waiting.splice(0, inTime < 0 ? this.#waiting.length : inTime);
    for (const { reject } of late) reject(new MemwardenError('store_timeout'));
  }

  #watch(): void {
    const [first] = this.#waiting;
    if (!first) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#dropLate();
        this.#watch();
      },
      Math.ceil(Math.max(0, first.until - performance.now())),
    );
  }

  async #begin(asked: readonly Asked<I, O>[]): Promise<void> {
    this.#under += 1;
    try {
      await this.#run(asked);
    } catch (error) {
      if (asked.length > 1 && isOfContent(error))
        await Promise.all(asked.map((one) => this.#run([one]).catch(one.reject)));
      else for (const { reject } of asked) reject(error);
    } finally {
      this.#under -= 1;
      this.#next();
    }
  }
}

import type { ForEachUserProgress, UserFailure } from './options.js';
import { FAILURES, type JobState } from './job.js';

/** A page of users, as the guard lists it. */
export interface ListedPage {
  readonly users: readonly { readonly userId: string }[];
  readonly cursor?: string;
}

/** A page whose users are under way. */
class OpenPage {
  readonly #ids: readonly string[];
  readonly cursor: string | undefined;
  #begun = 0;
  #ended = 0;
  users = 0;
  readonly failures: UserFailure[] = [];
  failed = 0;
  readonly at: number;

  constructor({ users, cursor }: ListedPage, at: number) {
    this.#ids = users.map(({ userId }) => userId);
    this.cursor = cursor;
    this.at = at;
  }

  begin(): string | undefined {
    return this.#ids[this.#begun++];
  }

  end(failure: UserFailure | undefined): void {
    this.#ended += 1;
    if (!failure) this.users += 1;
    else {
      this.failed += 1;
      if (this.failures.length < FAILURES) this.failures.push(failure);
    }
  }

  get isDone(): boolean {
    return this.#ended === this.#ids.length;
  }
}

/** A user whose turn it is, and how to say what came of it. */
export interface Turn {
  readonly userId: string;
  end(failure?: UserFailure): void;
}

// As many as let others go on while one user takes long; what is done behind that one is done again after a crash.
const OPEN_PAGES = 4;
const LARGEST = 1_000;
const SHORT_MS = 1_000;
const LONG_MS = 4_000;

/**
 * Users page by page, a few pages at a time, so that what is held in memory is the same for a thousand users and for
 * a billion. How far it is moves on when a page and all before it are done. Pages grow while they take less than a
 * second and shrink where they take longer than four, so that little is done twice.
 */
export class Pages {
  readonly #list: (limit: number, cursor: string | undefined) => Promise<ListedPage>;
  readonly #now: () => number;
  readonly #smallest: number;
  readonly #open: OpenPage[] = [];
  #state: JobState;
  #cursor: string | undefined;
  #isListed = false;
  #isStopped = false;
  #size: number;
  #turn: Promise<unknown> = Promise.resolve();
  #onRoom: (() => void) | undefined;

  constructor(
    state: JobState,
    concurrency: number,
    list: (limit: number, cursor: string | undefined) => Promise<ListedPage>,
    now: () => number,
  ) {
    this.#state = state;
    this.#cursor = state.cursor;
    this.#list = list;
    this.#now = now;
    this.#smallest = Math.min(LARGEST, concurrency);
    this.#size = Math.min(LARGEST, 4 * concurrency);
  }

  /** How far it is: what is safe to keep. */
  get state(): JobState {
    return this.#state;
  }

  /** How many are done, also of pages that are not. */
  get counts(): ForEachUserProgress {
    let { users, failed } = this.#state;
    for (const page of this.#open) {
      users += page.users;
      failed += page.failed;
    }
    return { users, failed };
  }

  /** What is done, also of pages that are not. */
  get totals(): JobState {
    const failures = [this.#state, ...this.#open].flatMap((part) => part.failures);
    return { ...this.#state, ...this.counts, failures: failures.slice(0, FAILURES) };
  }

  /** The next user; undefined where there is none any more, or where it was stopped. */
  async next(): Promise<Turn | undefined> {
    const turn = this.#turn.then(() => this.#take());
    this.#turn = turn;
    return turn;
  }

  /** From now on there is no next user. */
  stop(): void {
    this.#isStopped = true;
    this.#onRoom?.();
  }

  async #take(): Promise<Turn | undefined> {
    for (;;) {
      if (this.#isStopped) return undefined;
      const page = this.#open.at(-1);
      const userId = page?.begin();
      if (page && userId !== undefined) {
        return {
          userId,
          end: (failure) => {
            page.end(failure);
            this.#advance();
          },
        };
      }
      if (this.#isListed) return undefined;
      if (this.#open.length === OPEN_PAGES) await new Promise<void>((resolve) => (this.#onRoom = resolve));
      else await this.#read();
    }
  }

  async #read(): Promise<void> {
    const listed = await this.#list(this.#size, this.#cursor);
    this.#cursor = listed.cursor;
    this.#isListed = listed.cursor === undefined;
    this.#open.push(new OpenPage(listed, this.#now()));
    this.#advance();
  }

  #advance(): void {
    for (let page = this.#open[0]; page?.isDone; page = this.#open[0]) {
      this.#open.shift();
      const { cursor, users, failed, failures } = page;
      const took = this.#now() - page.at;
      if (took < SHORT_MS) this.#size = Math.min(LARGEST, this.#size * 2);
      else if (took > LONG_MS) this.#size = Math.max(this.#smallest, this.#size >> 1);
      const { cursor: _, ...before } = this.#state;
      this.#state = {
        ...before,
        users: before.users + users,
        failed: before.failed + failed,
        failures: [...before.failures, ...failures].slice(0, FAILURES),
        finished: cursor === undefined,
        ...(cursor === undefined ? {} : { cursor }),
      };
      this.#onRoom?.();
      this.#onRoom = undefined;
    }
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Clock } from '../../model/clock.js';
import type { KeyValueStore } from '../../model/key-value.js';
import { namespaced, type Kept, type Namespace } from '../../model/namespace.js';
import { principalKey, type Principal } from '../../model/principal.js';
import type { UserFailure } from './options.js';

/** How far a job is, as it is kept. No id of a user is in it: the cursor is sealed, failures name pseudonyms. */
export interface JobState {
  readonly users: number;
  readonly failed: number;
  readonly failures: readonly UserFailure[];
  /** Behind the last page of users that is done; absent at the start. */
  readonly cursor?: string;
  readonly finished: boolean;
}

interface KeptJob extends JobState {
  /** The run that has it. */
  readonly run: string;
}

/** How long a job is kept after its last step, in milliseconds. */
export const JOB_LIFETIME_MS = 30 * 86_400_000;
/** How many failures are kept. */
export const FAILURES = 500;

const NOTHING: JobState = { users: 0, failed: 0, failures: [], finished: false };

/** Where it is kept how far a job is; in memory alone where it has no name. */
export class Job {
  readonly #jobs: Namespace<KeptJob>;
  readonly #key: string | undefined;
  readonly #clock: Clock;
  readonly #run = randomUUID();

  constructor(values: KeyValueStore, clock: Clock, principal: Principal, name: string | undefined) {
    this.#jobs = namespaced<KeptJob>(values, 'user_jobs', clock);
    this.#clock = clock;
    this.#key =
      name === undefined
        ? undefined
        : createHash('sha256')
            .update(JSON.stringify([principalKey(principal), name]))
            .digest('hex');
  }

  /**
   * Takes the job over, from a run that died or from one that is under way and ends at its next step. One that has
   * finished stays as it is.
   *
   * @throws MemwardenError job_taken where another takes it in the same moment
   */
  async take(restart: boolean): Promise<JobState> {
    if (this.#key === undefined) return NOTHING;
    const found = await this.#jobs.get(this.#key);
    const state = !found || restart ? NOTHING : found.value;
    if (state.finished) return state;
    await this.#put(found, state);
    return state;
  }

  /** Keeps how far it is. @throws MemwardenError job_taken where another run has it now */
  async keep(state: JobState): Promise<void> {
    if (this.#key === undefined) return;
    const found = await this.#jobs.get(this.#key);
    if (found?.value.run !== this.#run) throw new MemwardenError('job_taken');
    await this.#put(found, state);
  }

  async #put(found: Kept<KeptJob> | undefined, { cursor, users, failed, failures, finished }: JobState): Promise<void> {
    const named = failures.map(({ pseudonym, code }) => ({ ...(pseudonym === undefined ? {} : { pseudonym }), code }));
    const state = { users, failed, failures: named, finished, run: this.#run };
    const value: KeptJob = cursor === undefined ? state : { ...state, cursor };
    const until = new Date(this.#clock().getTime() + JOB_LIFETIME_MS);
    const key = this.#key ?? '';
    const done = await (found ? this.#jobs.replace(found, value, until) : this.#jobs.insert(key, value, until));
    if (!done) throw new MemwardenError('job_taken');
  }
}

import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { Guard } from '../../guard/guard.js';
import type { AuditEntry, Auditor } from '../../model/auditor.js';
import type { Clock } from '../../model/clock.js';
import type { KeyValueStore } from '../../model/key-value.js';
import type { Principal } from '../../model/principal.js';
import { FAILURES, Job, type JobState } from './job.js';
import type { CheckedForEach, ForEachUserResult, UserFailure } from './options.js';
import { Pacer, type Time } from './pacer.js';
import { Pages, type Turn } from './pages.js';

/** What acts over many users stand on. */
export interface ForEachUserContext {
  readonly guard: Guard;
  readonly auditor: Auditor;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly time: Time;
  /** How a user stands in the audit log. */
  readonly pseudonymOf: (userId: string) => Promise<string | undefined>;
  readonly policyRevision: () => string;
}

// They say nothing of the user that was under way: every other would fail in the same way.
const OF_ALL = [
  ...['closed', 'store_unavailable', 'store_not_primary', 'store_not_migrated', 'store_unwritable'],
  ...['audit_unavailable', 'audit_timeout'],
  ...['policy_unavailable', 'kms_unavailable', 'embedder_unavailable', 'erasure_missed'],
];

/**
 * Does something to each user that a principal may list (plan of `list` on `User`). It is one act of the audit log,
 * with an intent and a result (S24), beside the records of the pages that are listed and of what is done to each.
 *
 * @param act what is done to a user; where it rejects the user is set aside, unless the error is one that says nothing
 *   of the user, such as `store_unavailable`: then the whole ends with it, and the same call goes on later
 * @throws MemwardenError forbidden, job_taken, closed, store_*, audit_*, policy_unavailable, kms_unavailable,
 *   embedder_unavailable
 */
export async function forEachUser(
  context: ForEachUserContext,
  principal: Principal,
  options: CheckedForEach,
  act: (userId: string) => Promise<unknown>,
): Promise<ForEachUserResult> {
  const { guard, auditor, values, clock, policyRevision } = context;
  // Whoever may list nobody is refused, and on record, before anything is kept.
  await guard.users(principal, 1);
  const job = new Job(values, clock, principal, options.job);
  const begun = await job.take(options.restart);
  if (begun.finished) return resultOf(begun, true);
  const entry = { principal, owner: undefined, action: 'list', subject: 'User', act: 'users.each', ids: [] } as const;
  const intent = await auditor.record({ ...entry, phase: 'intent', outcome: 'allowed', revision: policyRevision() });
  const result = { ...entry, phase: 'result', ...(intent ? { intent: intent.event } : {}) } as const;
  const told = (end: Pick<AuditEntry, 'outcome' | 'count'>) =>
    auditor.record({ ...result, ...end, revision: policyRevision() });
  const run = new Run(context, principal, options, job, begun, act);
  try {
    await run.run();
  } catch (error) {
    await Promise.resolve(told({ outcome: 'failed', count: run.count })).catch(() => undefined);
    throw error;
  }
  await told({ outcome: 'allowed', count: run.count });
  return resultOf(run.state, false);
}

/** One run over what is left of a job. */
class Run {
  readonly #context: ForEachUserContext;
  readonly #options: CheckedForEach;
  readonly #job: Job;
  readonly #act: (userId: string) => Promise<unknown>;
  readonly #pages: Pages;
  readonly #pacer: Pacer;
  #kept: JobState;
  #keeping: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** How many users it was done to in this run. */
  count = 0;

  constructor(
    context: ForEachUserContext,
    principal: Principal,
    options: CheckedForEach,
    job: Job,
    begun: JobState,
    act: (userId: string) => Promise<unknown>,
  ) {
    const { guard, time } = context;
    this.#context = context;
    this.#options = options;
    this.#job = job;
    this.#act = act;
    this.#kept = begun;
    this.#pacer = new Pacer(options.perSecond, time);
    const list = (limit: number, cursor: string | undefined) => guard.users(principal, limit, cursor, undefined, true);
    this.#pages = new Pages(begun, options.concurrency, list, time.now);
  }

  get state(): JobState {
    return this.#pages.state.finished ? this.#pages.state : this.#pages.totals;
  }

  async run(): Promise<void> {
    const { signal, concurrency } = this.#options;
    const stop = () => this.#pages.stop();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    try {
      await Promise.all(Array.from({ length: concurrency }, () => this.#work()));
      await this.#keep();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    if (this.#failure) throw this.#failure.error;
  }

  async #work(): Promise<void> {
    try {
      for (;;) {
        const turn = await this.#pages.next();
        if (!turn) return;
        await this.#pacer.turn(this.#options.signal);
        // A page with a user who was not begun is done again.
        if (this.#isStopped()) return;
        await this.#do(turn);
        if (!this.#keeping) void this.#keep();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #isStopped(): boolean {
    return (this.#options.signal?.aborted ?? false) || this.#failure !== undefined;
  }

  async #do(turn: Turn): Promise<void> {
    try {
      await this.#act(turn.userId);
      this.count += 1;
      turn.end();
    } catch (error) {
      if (OF_ALL.some((code) => isMemwardenError(error, code as 'closed'))) throw error;
      turn.end(await this.#failureOf(turn.userId, error));
    }
    this.#options.onProgress?.(this.#pages.counts);
  }

  async #failureOf(userId: string, error: unknown): Promise<UserFailure> {
    const code = isMemwardenError(error) ? error.code : 'failed';
    if (this.#pages.counts.failed >= FAILURES) return { code };
    const pseudonym = await this.#context.pseudonymOf(userId);
    return { userId, code, ...(pseudonym === undefined ? {} : { pseudonym }) };
  }

  // One at a time, and always the newest.
  async #keep(): Promise<void> {
    for (;;) {
      if (this.#keeping) await this.#keeping;
      else if (this.#pages.state === this.#kept) return;
      else {
        const { state } = this.#pages;
        this.#keeping = this.#job.keep(state).then(
          () => void (this.#kept = state),
          (error: unknown) => {
            this.#kept = state;
            this.#fail(error);
          },
        );
        await this.#keeping;
        this.#keeping = undefined;
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#pages.stop();
  }
}

function resultOf({ users, failed, failures, finished }: JobState, finishedBefore: boolean): ForEachUserResult {
  return { complete: finished, finishedBefore, users, failed, failures };
}

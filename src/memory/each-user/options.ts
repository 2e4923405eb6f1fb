import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { checked } from '../checked.js';
import type { ScopedMemory } from '../scoped-memory.js';
import { isId } from '../../model/text.js';

/** How an act goes over many users. */
export interface ForEachUserOptions {
  /** How many users are under way at once, 1 to 1000; 4 where none is given. */
  readonly concurrency?: number;
  /** How many users are begun a second at most; as many as there can be where none is given. */
  readonly perSecond?: number;
  /**
   * A name under which it is kept how far the act is, for 30 days: the same call of the same principal goes on where
   * one that was cut off had come to, and a job that has finished says so and does nothing. Without a name nothing is
   * kept.
   */
  readonly job?: string;
  /** Begins the job anew, whatever was kept of it. */
  readonly restart?: boolean;
  /** Called after each user. */
  readonly onProgress?: (progress: ForEachUserProgress) => void;
  /** Ends it: no user is begun any more, and it resolves when those under way have ended. */
  readonly signal?: AbortSignal;
}

/** How far an act over many users is, in all runs of its job. */
export interface ForEachUserProgress {
  /** Users on whom the act succeeded. */
  readonly users: number;
  /** Users on whom it failed, and who were set aside. */
  readonly failed: number;
}

/** What is done to a user: with the memories of that one, as the principal may see and change them. */
export type UserAct = (scope: ScopedMemory, userId: string) => Promise<unknown>;

/** A user who was set aside. */
export interface UserFailure {
  /** Who; absent where that was in an earlier run of the job, of which no ids are kept. */
  readonly userId?: string;
  /** How the user stands in the audit log; absent where there is no key for that any more. */
  readonly pseudonym?: string;
  /** The code of the error; `failed` where it was none of memwarden's. */
  readonly code: string;
}

/** What an act over many users did, in all runs of its job. */
export interface ForEachUserResult extends ForEachUserProgress {
  /** False where it was ended before all users were done; the same call goes on. */
  readonly complete: boolean;
  /** Whether the job had finished before this call, which did nothing. */
  readonly finishedBefore: boolean;
  /** The first of those who were set aside, 500 at most. */
  readonly failures: readonly UserFailure[];
}

const schema = z.strictObject({
  concurrency: z.int().min(1).max(1_000).optional(),
  perSecond: z.number().positive().max(1_000_000).optional(),
  job: z.string().refine(isId).optional(),
  restart: z.boolean().optional(),
});

/** Checked options. */
export interface CheckedForEach extends Pick<ForEachUserOptions, 'perSecond' | 'job' | 'onProgress' | 'signal'> {
  readonly concurrency: number;
  readonly restart: boolean;
}

/** Checks the options of an act over many users. @throws MemwardenError invalid_argument */
export function toForEach(options: ForEachUserOptions = {}): CheckedForEach {
  const { onProgress, signal, ...data } = { ...options };
  if (onProgress !== undefined && typeof onProgress !== 'function') throw bad('onProgress');
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw bad('signal');
  const { concurrency = 4, restart = false, perSecond, job } = checked(schema, data, 'options');
  if (restart && job === undefined) throw bad('options.restart');
  return {
    concurrency,
    restart,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(job === undefined ? {} : { job }),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  };
}

function bad(argument: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument });
}

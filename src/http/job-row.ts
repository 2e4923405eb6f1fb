import { createHash } from 'node:crypto';
import { openNote, sealNote } from '../compliance/sealed-note.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { ErrorCode } from '../errors/table.js';
import type { Caller } from '../identity/caller.js';

/** Where a job is. `waiting`: for an approval; `ready` and `interrupted`: the same request runs it. */
export const JOB_STATES = ['waiting', 'ready', 'running', 'interrupted', 'done', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];
export type JobKind = 'export' | 'erasure';

/**
 * A job. Of its id the store holds a digest alone, so that what is sealed under it (its outcome, which names users and what was
 * asked for, and the id of its approval) opens to nobody who has but the store.
 */
export interface JobRow {
  readonly id: string;
  readonly kind: JobKind;
  /** Who began it: of the credential a digest, under the id of the job. */
  readonly holder: string;
  readonly state: JobState;
  readonly createdAt: string;
  /** When it last said that it runs. */
  readonly beatAt: string;
  readonly endedAt?: string;
  /** The process that runs it. */
  readonly process?: string;
  readonly approval?: string;
  readonly progress?: Readonly<Record<string, number>>;
  readonly result?: unknown;
  readonly error?: ErrorCode;
}

/** As it is kept; what of it is nobody's business is sealed under its id. */
export type StoredRow = Omit<JobRow, 'id' | 'approval' | 'result'> & {
  readonly approval?: string;
  readonly result?: string;
};

/** Whether a credential began a job. */
export function isHeldBy(job: JobRow | undefined, caller: Caller): job is JobRow {
  return job !== undefined && job.holder === holderOf(job.id, caller);
}

/** A row as it is kept. */
export function storedOf({ id, approval, result, ...rest }: JobRow): StoredRow {
  return {
    ...rest,
    ...(approval === undefined ? {} : { approval: sealNote('job-approval', id, approval) }),
    ...(result === undefined ? {} : { result: sealNote('job-result', id, result as object) }),
  };
}

/** A row as it was kept. */
export function openedRow(id: string, { approval, result, ...rest }: StoredRow): JobRow {
  return {
    id,
    ...rest,
    ...(approval === undefined ? {} : { approval: String(openNote('job-approval', id, approval)) }),
    ...(result === undefined ? {} : { result: openNote('job-result', id, result) }),
  };
}

/** Who began a job, as its row names them: the id of a token names its subject, who may be a user. */
export function holderOf(job: string, { kind, id }: Caller): string {
  return createHash('sha256')
    .update(JSON.stringify(['memwarden job holder 1', job, kind, id]))
    .digest('base64url');
}

/** Under which name something of a job lies: of its id a digest. */
export function placeOf(id: string): string {
  return createHash('sha256').update(`memwarden job name 1 ${id}`).digest('hex');
}

/** Whether a name is one that `placeOf` makes. */
export function isPlace(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** Whether nothing more comes of a job. */
export function isOver({ state }: JobRow): boolean {
  return state === 'done' || state === 'failed';
}

/** @throws MemwardenError job_not_found */
export function assertJob(row: JobRow | undefined, kind: JobKind): asserts row is JobRow {
  if (row?.kind !== kind) throw new MemwardenError('job_not_found');
}

import { createHmac } from 'node:crypto';
import { newNoteId, openNote, sealNote } from '../compliance/sealed-note.js';
import type { Caller } from '../identity/caller.js';
import type { Clock } from '../model/clock.js';
import { newId } from '../model/id.js';
import type { KeyValueStore } from '../model/key-value.js';
import { namespaced, type Kept, type Namespace } from '../model/namespace.js';
import {
  holderOf,
  isOver,
  openedRow,
  placeOf,
  storedOf,
  type JobKind,
  type JobRow,
  type StoredRow,
} from './job-row.js';
import { toKnown } from './problem.js';

/** For how long a job is kept, in milliseconds. */
export const JOB_MS = 7 * 86_400_000;
/** How often a job that runs says so, in milliseconds; one that has been silent for `SILENT_MS` was interrupted. */
const BEAT_MS = 5_000;
const SILENT_MS = 30_000;

/** What a job does. */
export interface JobRun {
  readonly signal: AbortSignal;
  /** Says how far it is; shown with the next beat. */
  progress(progress: Readonly<Record<string, number>>): void;
}

/** A job, and the digest of the order that asked for it. */
export interface TakenJob extends Kept<JobRow> {
  readonly target: string;
}

/** Work that outlasts its request, in the store that all processes share. A job runs in the process that was asked for it. */
export class Jobs {
  readonly #rows: Namespace<StoredRow>;
  readonly #targets: Namespace<string>;
  readonly #clock: Clock;
  readonly #secret: () => Promise<Buffer>;
  readonly #hold: (() => () => void) | undefined;
  readonly #process = newId();
  readonly #running = new Map<string, { readonly ended: Promise<void>; readonly stop: AbortController }>();

  /**
   * @param secret the instance key, which all processes share
   * @param hold keeps what jobs work on open for as long as one runs
   */
  constructor(values: KeyValueStore, clock: Clock, secret: () => Promise<Buffer>, hold?: () => () => void) {
    this.#hold = hold;
    this.#rows = namespaced(values, 'jobs', clock);
    this.#targets = namespaced(values, 'job-targets', clock);
    this.#clock = clock;
    this.#secret = secret;
  }

  /** A job as it is now; undefined where there is none. */
  async find(id: string): Promise<JobRow | undefined> {
    return (await this.#found(id))?.value;
  }

  /** Where the job is whose name lies in a folder. */
  async at(place: string): Promise<Pick<JobRow, 'state'> | undefined> {
    const row = await this.#rows.get(place);
    return row && this.#seen(row.value);
  }

  /**
   * The job that a request asks for: the one that it began before, where that is not over, else a new one.
   *
   * @param order everything that says what is asked for; a digest of it is kept
   */
  async take(kind: JobKind, caller: Caller, order: unknown): Promise<TakenJob> {
    const secret = await this.#secret();
    const text = JSON.stringify([kind, `${caller.kind}:${caller.id}`, order]);
    const target = createHmac('sha256', secret).update('memwarden job 1 ').update(text).digest('base64url');
    for (;;) {
      const known = await this.#targets.get(placeOf(target));
      const row = known && (await this.#found(String(openNote('job', target, known.value))));
      if (row && !isOver(row.value)) return { ...row, target };
      const id = newNoteId();
      const now = this.#clock().toISOString();
      const value: JobRow = { id, kind, holder: holderOf(id, caller), state: 'ready', createdAt: now, beatAt: now };
      const expiresAt = this.#expiry();
      await this.#rows.insert(placeOf(id), storedOf(value), expiresAt);
      const isFirst = known
        ? await this.#targets.replace(known, sealNote('job', target, id), expiresAt)
        : await this.#targets.insert(placeOf(target), sealNote('job', target, id), expiresAt);
      if (isFirst) return { key: placeOf(id), value, version: 1, expiresAt, target };
      await this.#rows.remove(placeOf(id));
    }
  }

  /** Puts a job that does not run into another state. @returns it, or as somebody else has put it meanwhile */
  async put(job: Kept<JobRow>, change: Partial<JobRow>): Promise<JobRow> {
    const value = { ...job.value, ...change };
    if (await this.#replace(job, value)) return value;
    return (await this.find(value.id)) ?? job.value;
  }

  /** Takes a job away that nothing came of, and that it was asked for. */
  async drop({ key, version, value, target }: TakenJob): Promise<void> {
    if (!(await this.#rows.remove(key, version))) return;
    const known = await this.#targets.get(placeOf(target));
    if (known && openNote('job', target, known.value) === value.id)
      await this.#targets.remove(known.key, known.version);
  }

  /** Runs a job here, unless somebody was faster. @returns it as it is then */
  async run(job: Kept<JobRow>, work: (run: JobRun) => Promise<unknown>): Promise<JobRow> {
    if (job.value.state === 'running') return job.value;
    const { error: _error, endedAt: _endedAt, ...rest } = job.value;
    const beatAt = this.#clock().toISOString();
    const value: JobRow = { ...rest, state: 'running', process: this.#process, beatAt };
    if (!(await this.#replace(job, value))) return (await this.find(value.id)) ?? value;
    const stop = new AbortController();
    const { id } = value;
    const release = this.#hold?.();
    const ended = this.#carry(id, stop, work).finally(() => {
      this.#running.delete(id);
      release?.();
    });
    this.#running.set(id, { ended, stop });
    return value;
  }

  /** Changes what is kept of a job, whoever else does so. */
  async note(id: string, change: (row: JobRow) => JobRow | undefined): Promise<void> {
    for (;;) {
      const found = await this.#stored(id);
      const next = found && change(found.value);
      if (!next || (await this.#replace(found, next))) return;
    }
  }

  /** Ends what runs here: each job stops where it can go on later, and says so. Resolves when those that can stop have. */
  async close(waitMs = 5_000): Promise<void> {
    const open = [...this.#running];
    for (const [id, { stop }] of open) {
      stop.abort();
      await this.#end(id, { state: 'interrupted' });
    }
    const patience = new Promise<void>((resolve) => setTimeout(resolve, waitMs).unref());
    await Promise.race([Promise.all(open.map(([, { ended }]) => ended)), patience]);
  }

  async #carry(id: string, stop: AbortController, work: (run: JobRun) => Promise<unknown>): Promise<void> {
    let progress: Readonly<Record<string, number>> | undefined;
    const beat = setInterval(() => {
      const beatAt = this.#clock().toISOString();
      const next = (row: JobRow) =>
        this.#isMine(row) ? { ...row, beatAt, ...(progress ? { progress } : {}) } : undefined;
      void this.note(id, next).catch(() => undefined);
    }, BEAT_MS);
    beat.unref();
    try {
      const result = await work({ signal: stop.signal, progress: (now) => (progress = now) });
      clearInterval(beat);
      const told = progress ? { progress } : {};
      await this.#end(id, stop.signal.aborted ? { state: 'interrupted', ...told } : { state: 'done', result, ...told });
    } catch (error) {
      clearInterval(beat);
      if (!stop.signal.aborted)
        await this.#end(id, { state: 'failed', error: toKnown(error).code }).catch(() => undefined);
    }
  }

  #end(id: string, change: Partial<JobRow>): Promise<void> {
    const endedAt = this.#clock().toISOString();
    return this.note(id, (row) => (this.#isMine(row) ? { ...row, ...change, endedAt } : undefined));
  }

  #isMine({ state, process }: JobRow): boolean {
    return state === 'running' && process === this.#process;
  }

  async #found(id: string): Promise<Kept<JobRow> | undefined> {
    const found = await this.#stored(id);
    return found && { ...found, value: this.#seen(found.value) };
  }

  async #stored(id: string): Promise<Kept<JobRow> | undefined> {
    const found = await this.#rows.get(placeOf(id));
    if (!found) return undefined;
    return { ...found, value: openedRow(id, found.value) };
  }

  #replace(job: Kept<JobRow>, value: JobRow): Promise<boolean> {
    return this.#rows.replace(job, storedOf(value), this.#expiry());
  }

  // Whoever died says nothing more.
  #seen<T extends Pick<JobRow, 'state' | 'beatAt'>>(row: T): T {
    const silent = this.#clock().getTime() - new Date(row.beatAt).getTime();
    return row.state === 'running' && silent > SILENT_MS ? { ...row, state: 'interrupted' } : row;
  }

  #expiry(): Date {
    return new Date(this.#clock().getTime() + JOB_MS);
  }
}

import { MemwardenError } from '../errors/memwarden-error.js';
import type { Alarms } from '../metrics/alarms.js';
import type { AuditMetrics } from '../metrics/audit-metrics.js';
import type { AuditStorage, StoredGroup } from '../model/audit-storage.js';
import type { Clock } from '../model/clock.js';
import { newId } from '../model/id.js';
import type { SigningKeys } from '../model/signing-keys.js';
import { seal } from './chain.js';
import { beginning, MAX_GROUP, type Place } from './format.js';
import type { Registry } from './registry.js';
import type { Sink } from './sinks/sink.js';

/** What a stream is written with. */
export interface WriterParts {
  readonly storage: AuditStorage;
  readonly registry: Registry;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly metrics: AuditMetrics;
  readonly sinks: readonly Sink[];
  /** How long a record may wait until it is durable, in milliseconds. */
  readonly timeoutMs: number;
}

/** A stream of this age, or of so many records, is closed and another opened, so that retention has whole ones to take. */
export const STREAM_AGE_MS = 24 * 3_600_000;
const STREAM_RECORDS = 1_000_000;
const MAX_WAITING = 20_000;

interface Waiting {
  readonly record: string;
  readonly settle: (error?: MemwardenError) => void;
}

interface Owed {
  readonly group: StoredGroup;
  readonly place: Place;
  readonly batch: readonly Waiting[];
}

/**
 * This process's stream (S25): one writer, so that it contends with nobody. Whatever waits while a group is on its way
 * goes into the next one. A group of unknown outcome is repeated with the same bytes before anything newer.
 */
export class StreamWriter {
  readonly #parts: WriterParts;
  #place: Place | undefined;
  #openedAt = 0;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #owed: Owed | undefined;
  #crowded = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** The stream that is open, or undefined. */
  get stream(): string | undefined {
    return this.#place?.stream;
  }

  /**
   * Resolves once the record is durable in the store and in every sink that is required.
   *
   * @param record canonical JSON
   * @throws MemwardenError audit_unavailable, audit_timeout; the record may then still become durable
   */
  write(record: string): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new MemwardenError('audit_unavailable', { reason: 'too many records wait' }));
    const { metrics, timeoutMs } = this.#parts;
    return new Promise((resolve, reject) => {
      const wait = metrics.began();
      let settled = false;
      const settle = (error?: MemwardenError) => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        metrics.ended(wait, error === undefined);
        if (error) reject(error);
        else resolve();
      };
      const waiting: Waiting = { record, settle };
      const timer = setTimeout(() => {
        const at = this.#waiting.indexOf(waiting);
        if (at !== -1) this.#waiting.splice(at, 1);
        settle(new MemwardenError('audit_timeout', { limit: timeoutMs }));
      }, timeoutMs);
      this.#waiting.push(waiting);
      this.#running ??= this.#drain();
    });
  }

  /**
   * Waits for what is on its way, no longer than a record may wait, and closes the stream.
   *
   * @throws MemwardenError audit_timeout, audit_unavailable, store_*; the stream then lapses
   */
  async close(): Promise<void> {
    const { timeoutMs } = this.#parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MemwardenError('audit_timeout', { limit: timeoutMs })), timeoutMs);
    });
    await Promise.race([this.#finish(), late]).finally(() => clearTimeout(timer));
  }

  async #finish(): Promise<void> {
    await this.#running;
    await this.#settleOwed();
    await this.#end('ended');
  }

  async #drain(): Promise<void> {
    // What is asked for in one turn goes together; where many ask, so does what the next replies of the store bring.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      if (this.#crowded) await new Promise((done) => setImmediate(done));
      const batch = this.#waiting.splice(0, MAX_GROUP);
      this.#crowded = batch.length > 1;
      try {
        await this.#settleOwed();
        await this.#commit(batch);
      } catch (error) {
        const refused = unavailable(error);
        for (const { settle } of batch) settle(refused);
      }
    }
    this.#running = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { clock, keys } = this.#parts;
    const now = clock();
    const key = await keys.current();
    await this.#rotate(now);
    const before = (this.#place ??= await this.#open(now));
    const records = batch.map(({ record }) => record);
    const { body, place } = seal(before, records, now, key);
    this.#owed = { group: { stream: place.stream, group: place.group, body }, place, batch };
    await this.#settleOwed();
  }

  async #settleOwed(): Promise<void> {
    if (!this.#owed) return;
    const { group, place, batch } = this.#owed;
    const { storage, sinks, metrics, alarms, clock } = this.#parts;
    if ((await storage.append(group)) === 'taken') {
      this.#owed = undefined;
      // Another writer has this stream: a copy of this process, or of its machine. It goes on under a name of its own.
      this.#place = undefined;
      alarms.raise('audit_fork', clock(), { stream: group.stream, group: group.group });
      throw new MemwardenError('audit_unavailable', { reason: 'the stream has another writer' });
    }
    // After the store, so that no sink has what the store has not.
    await Promise.all(sinks.filter((sink) => sink.required).map((sink) => sink.take(group)));
    this.#owed = undefined;
    this.#place = place;
    metrics.committed(batch.length);
    for (const { settle } of batch) settle();
    for (const sink of sinks) if (!sink.required) void sink.take(group);
  }

  async #open(now: Date): Promise<Place> {
    const stream = newId();
    await this.#parts.registry.append({ kind: 'open', stream });
    this.#openedAt = now.getTime();
    return beginning(stream);
  }

  async #rotate(now: Date): Promise<void> {
    if (!this.#place) return;
    const old = now.getTime() - this.#openedAt >= STREAM_AGE_MS || this.#place.seq >= STREAM_RECORDS;
    if (old) await this.#end('rotated');
  }

  async #end(why: 'ended' | 'rotated'): Promise<void> {
    if (!this.#place) return;
    const { stream, group, seq, head } = this.#place;
    await this.#parts.registry.append({ kind: 'close', stream, group, seq, head, why });
    this.#place = undefined;
  }
}

// Nothing of what the store said gets out but the code.
function unavailable(error: unknown): MemwardenError {
  if (error instanceof MemwardenError) {
    return error.code === 'audit_unavailable' ? error : new MemwardenError('audit_unavailable', { cause: error.code });
  }
  return new MemwardenError('audit_unavailable');
}

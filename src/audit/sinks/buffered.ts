import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Alarms } from '../../metrics/alarms.js';
import type { AuditMetrics } from '../../metrics/audit-metrics.js';
import type { StoredGroup } from '../../model/audit-storage.js';
import type { Clock } from '../../model/clock.js';
import type { Sink } from './sink.js';

/** What every sink has. */
export interface SinkSettings {
  readonly required: boolean;
  /** How many bytes wait at most; beyond them one that is required refuses, and another one drops. */
  readonly maxBufferedBytes: number;
}

export interface SinkParts {
  readonly metrics: AuditMetrics;
  readonly alarms: Alarms;
  readonly clock: Clock;
}

/** Brings groups to where they go, in order; rejects where they did not get there. */
export interface Delivery {
  deliver(groups: readonly StoredGroup[]): Promise<void>;
  close(): Promise<void>;
}

interface Queued {
  readonly group: StoredGroup;
  readonly waiting: { readonly done: () => void; readonly fail: (error: unknown) => void }[];
}

const BATCH = 64;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
const CLOSE_MS = 5_000;

/** Holds groups in a bounded buffer until they are delivered, so that a slow sink holds back nobody who need not wait. */
export class BufferedSink implements Sink {
  readonly required: boolean;
  readonly #delivery: Delivery;
  readonly #max: number;
  readonly #parts: SinkParts;
  readonly #delivered = new Map<string, number>();
  #queue: Queued[] = [];
  #bytes = 0;
  #pumping: Promise<void> | undefined;
  #pause = FIRST_PAUSE_MS;
  #retry: NodeJS.Timeout | undefined;

  constructor(delivery: Delivery, settings: SinkSettings, parts: SinkParts) {
    this.#delivery = delivery;
    this.required = settings.required;
    this.#max = settings.maxBufferedBytes;
    this.#parts = parts;
  }

  take(group: StoredGroup): Promise<void> {
    if (group.group <= (this.#delivered.get(group.stream) ?? 0)) return Promise.resolve();
    let queued = this.#queue.find((one) => one.group.stream === group.stream && one.group.group === group.group);
    if (!queued) {
      if (this.#bytes + group.body.length > this.#max) return this.#refuse(group);
      queued = { group, waiting: [] };
      this.#queue.push(queued);
      this.#bytes += group.body.length;
    }
    if (!this.required) {
      if (!this.#retry) this.#pump();
      return Promise.resolve();
    }
    const delivered = new Promise<void>((done, fail) => queued.waiting.push({ done, fail }));
    this.#pump();
    return delivered;
  }

  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#pump();
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.#pumping, new Promise((done) => (timer = setTimeout(done, CLOSE_MS)))]);
    clearTimeout(timer);
    clearTimeout(this.#retry);
    this.#drop(this.#queue.splice(0).map(({ group }) => group));
    await this.#delivery.close();
  }

  #refuse(group: StoredGroup): Promise<void> {
    if (this.required)
      return Promise.reject(
        new MemwardenError('audit_unavailable', { reason: 'the buffer of a required sink is full' }),
      );
    this.#drop([group]);
    return Promise.resolve();
  }

  #drop(groups: readonly StoredGroup[]): void {
    if (groups.length === 0) return;
    const lines = groups.reduce((sum, { body }) => sum + linesIn(body), 0);
    this.#parts.metrics.dropped(lines);
    this.#parts.alarms.raise('audit_sink_dropped', this.#parts.clock(), { lines });
  }

  #pump(): void {
    this.#pumping ??= this.#drain().finally(() => (this.#pumping = undefined));
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      try {
        await this.#delivery.deliver(batch.map(({ group }) => group));
      } catch {
        // What was not delivered stays first in line.
        this.#fail();
        return;
      }
      this.#queue.splice(0, batch.length);
      this.#pause = FIRST_PAUSE_MS;
      for (const { group, waiting } of batch) {
        this.#bytes -= group.body.length;
        this.#delivered.set(group.stream, group.group);
        for (const { done } of waiting) done();
      }
    }
  }

  #fail(): void {
    const error = new MemwardenError('audit_unavailable', { reason: 'a required sink did not take the record' });
    for (const { waiting } of this.#queue) for (const { fail } of waiting.splice(0)) fail(error);
    if (this.required) return;
    this.#retry = setTimeout(() => this.#pump(), this.#pause).unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}

function linesIn(body: Buffer): number {
  let lines = 0;
  for (const byte of body) if (byte === 10) lines += 1;
  return lines;
}

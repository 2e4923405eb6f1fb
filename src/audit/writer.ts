import { MemwardenError } from '../errors/memwarden-error.js';
import type { Alarms } from '../metrics/alarms.js';
import type { AuditMetrics } from '../metrics/audit-metrics.js';
import type { AuditStorage } from '../model/audit-storage.js';
import type { Clock } from '../model/clock.js';
import type { SigningKeys } from '../model/signing-keys.js';
import { seal } from './chain.js';
import { MAX_GROUP } from './format.js';
import { bring, type Owed } from './owed.js';
import type { Registry } from './registry.js';
import type { Sink } from './sinks/sink.js';
import { isThere, type Reserved } from './reserved.js';
import { OpenStream } from './stream.js';
import { unavailable } from './unavailable.js';
import { waitingFor, type Waiting } from './waiting.js';

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

const MAX_WAITING = 20_000;

/**
 * This process's stream (S25): one writer, so that it contends with nobody. Whatever waits while a group is on its way
 * goes into the next one. A group of unknown outcome is repeated with the same bytes before anything newer.
 */
export class StreamWriter {
  readonly #parts: WriterParts;
  readonly #stream: OpenStream;
  /** The changes whose result is not told yet, by the events of their intents. */
  readonly #underWay = new Set<string>();
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #owed: Owed | undefined;
  #crowded = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#stream = new OpenStream(parts.registry);
  }

  /** The stream that is open, or undefined. */
  get stream(): string | undefined {
    return this.#stream.place?.stream;
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
    const waiting = waitingFor(record, metrics, timeoutMs, (late) => {
      const at = this.#waiting.indexOf(late);
      if (at !== -1) this.#waiting.splice(at, 1);
    });
    this.#waiting.push(waiting);
    this.#running ??= this.#drain();
    return waiting.durable;
  }

  /** A change whose intent is durable is under way until its result is told. @param intent the event of its intent */
  begins(intent: string): void {
    this.#underWay.add(intent);
  }

  /** The result of a change is told, or about to be. @param intent the event of its intent */
  ends(intent: string): void {
    this.#underWay.delete(intent);
  }

  /**
   * Whether a reservation is worth asking for: the stream is open, and one after the other writes. Several changes at once
   * share commits as they are, and would wait for each other.
   */
  get isAlone(): boolean {
    const { storage } = this.#parts;
    return (
      storage.along !== undefined && this.#stream.place !== undefined && !this.#crowded && this.#underWay.size <= 1
    );
  }

  /**
   * Makes the next group of one record, for a write of memories that holds it in its own commit. Until the reservation is
   * ended all other records wait, as for a group that is on its way.
   *
   * @param record canonical JSON
   * @returns undefined where it cannot be at once; then `write` is the way
   */
  async reserve(record: string): Promise<Reserved | undefined> {
    const { clock, keys, storage } = this.#parts;
    const key = await keys.current();
    const now = clock();
    // From here on in one turn, so that nobody comes in between.
    const isIdle = !this.#running && !this.#owed && this.#waiting.length === 0;
    const { place: before } = this.#stream;
    if (!isIdle || !this.isAlone || !before || !storage.along || this.#stream.isOld(now)) return undefined;
    const { body, place } = seal(before, [record], now, key);
    const group = { stream: place.stream, group: place.group, body };
    const along = storage.along(group);
    const done = this.#hold();
    return { along, end: () => this.#unreserve({ group, place }, record).finally(done) };
  }

  // The group is one commit with the write: where it is, the write has happened.
  async #unreserve(made: Pick<Owed, 'group' | 'place'>, record: string): ReturnType<Reserved['end']> {
    const { metrics, timeoutMs, storage } = this.#parts;
    // Where that is not known it is asked again before anything newer.
    const found = await isThere(storage, made.group).catch(() => undefined);
    if (found === false) {
      this.#running = this.#resume();
      return undefined;
    }
    const waiting = waitingFor(record, metrics, timeoutMs);
    waiting.durable.catch(() => undefined);
    this.#running = this.#resume({ ...made, batch: [waiting], state: found ? 'stored' : 'joined' });
    return { durable: waiting.durable };
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

  // Nothing is written until what is returned is called.
  #hold(): () => void {
    let done!: () => void;
    this.#running = new Promise((resolve) => (done = resolve));
    return done;
  }

  async #finish(): Promise<void> {
    while (this.#running) await this.#running;
    // What is told of while the end is written goes behind it, into a stream of its own.
    const done = this.#hold();
    try {
      await this.#settleOwed();
      await this.#stream.end('ended');
    } finally {
      this.#running = this.#drain();
      done();
    }
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
        settleAll(batch, unavailable(error));
      }
    }
    this.#running = undefined;
  }

  // What a reservation has left, and then what has waited for its end.
  async #resume(owed?: Owed): Promise<void> {
    this.#owed = owed;
    try {
      await this.#settleOwed();
    } catch (error) {
      settleAll(owed?.batch ?? [], unavailable(error));
    }
    await this.#drain();
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { clock, keys } = this.#parts;
    const now = clock();
    const key = await keys.current();
    const before = await this.#stream.at(now);
    const records = batch.map(({ record }) => record);
    const { body, place } = seal(before, records, now, key);
    this.#owed = { group: { stream: place.stream, group: place.group, body }, place, batch, state: 'own' };
    await this.#settleOwed();
  }

  async #settleOwed(): Promise<void> {
    const owed = this.#owed;
    if (!owed) return;
    const { group, place, batch } = owed;
    const { storage, sinks, metrics, alarms, clock } = this.#parts;
    const outcome = await bring(owed, storage, sinks);
    this.#owed = undefined;
    if (outcome === 'absent') {
      settleAll(batch, unavailable(undefined));
      return;
    }
    if (outcome === 'taken') {
      // Another writer has this stream: a copy of this process, or of its machine. It goes on under a name of its own.
      this.#stream.place = undefined;
      alarms.raise('audit_fork', clock(), { stream: group.stream, group: group.group });
      throw new MemwardenError('audit_unavailable', { reason: 'the stream has another writer' });
    }
    this.#stream.place = place;
    metrics.committed(batch.length);
    settleAll(batch);
    for (const sink of sinks) if (!sink.required) void sink.take(group);
  }
}

function settleAll(batch: readonly Waiting[], error?: MemwardenError): void {
  for (const { settle } of batch) settle(error);
}

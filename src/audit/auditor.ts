import { newId } from '../model/id.js';
import { originOf } from '../model/principal.js';
import type { Clock } from '../model/clock.js';
import type { AuditEntry, Auditor, Door, Joined, Recorded } from '../model/auditor.js';
import type { AuditMetrics } from '../metrics/audit-metrics.js';
import type { Pseudonyms } from '../model/pseudonyms.js';
import { MemwardenError, isMemwardenError } from '../errors/memwarden-error.js';
import { canonical } from './format.js';
import { toRecord, type Stamp } from './record.js';
import type { StreamWriter } from './writer.js';

/** What the log is kept with. */
export interface LogParts {
  readonly writer: StreamWriter;
  readonly pseudonyms: Pseudonyms;
  /** Whose records it writes. */
  readonly tenant: string;
  readonly metrics: AuditMetrics;
  readonly clock: Clock;
  /** Where calls come in that do not say so. */
  readonly door: Door;
  readonly timeoutMs: number;
}

/** The auditor that keeps the log: an entry is released when its record is durable. */
export class AuditLog implements Auditor {
  readonly #parts: LogParts;

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  async record(entry: AuditEntry): Promise<Recorded> {
    const { writer } = this.#parts;
    const stamp = this.#stamp(entry);
    if (entry.intent !== undefined) writer.ends(entry.intent);
    await writer.write(await this.#made(entry, stamp));
    if (entry.phase === 'intent') writer.begins(stamp.id);
    this.#decided(entry);
    return { event: stamp.id, request: stamp.request };
  }

  async join(entry: AuditEntry): Promise<Joined | undefined> {
    const { writer } = this.#parts;
    if (!writer.isAlone) return undefined;
    try {
      const reserving = writer.reserve(await this.#made(entry, this.#stamp(entry)));
      const reserved = await this.#timely(reserving).catch((error: unknown) => {
        // One that comes late holds nobody up.
        void reserving.then((late) => late?.end()).catch(() => undefined);
        throw error;
      });
      if (!reserved) return undefined;
      const ending = async () => {
        const stored = await reserved.end();
        if (!stored) return undefined;
        if (entry.intent !== undefined) writer.ends(entry.intent);
        const durable = stored.durable.then(() => this.#decided(entry));
        // Who it is for comes to it later.
        durable.catch(() => undefined);
        return { durable };
      };
      let ended: ReturnType<Joined['end']> | undefined;
      return { along: reserved.along, end: () => (ended ??= ending()) };
    } catch {
      // What is wrong is said when the record is told of.
      return undefined;
    }
  }

  #stamp(entry: AuditEntry): Stamp {
    const { clock, door } = this.#parts;
    const origin = entry.origin ?? originOf(entry.principal) ?? { door };
    return { id: newId(), at: clock(), request: origin.request ?? newId(), origin };
  }

  async #made(entry: AuditEntry, stamp: Stamp): Promise<string> {
    const { pseudonyms, tenant } = this.#parts;
    return canonical(await this.#timely(toRecord(entry, stamp, pseudonyms, tenant)));
  }

  #decided({ phase, outcome, rules = [] }: AuditEntry): void {
    if (phase !== 'intent') this.#parts.metrics.decided(outcome, rules);
  }

  // The keys of pseudonyms lie in a store as well, which may fail or stall.
  async #timely<T>(made: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MemwardenError('audit_timeout', { limit: timeoutMs })), timeoutMs);
    });
    try {
      return await Promise.race([made, late]);
    } catch (error) {
      if (isMemwardenError(error, 'audit_timeout')) throw error;
      throw new MemwardenError('audit_unavailable', isMemwardenError(error) ? { cause: error.code } : {});
    } finally {
      clearTimeout(timer);
    }
  }
}

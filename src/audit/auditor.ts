import { newId } from '../model/id.js';
import { originOf } from '../model/principal.js';
import type { Clock } from '../model/clock.js';
import type { AuditEntry, Auditor, Door, Recorded } from '../model/auditor.js';
import type { AuditMetrics } from '../metrics/audit-metrics.js';
import type { Pseudonyms } from '../model/pseudonyms.js';
import { MemwardenError, isMemwardenError } from '../errors/memwarden-error.js';
import { canonical } from './format.js';
import { toRecord } from './record.js';
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
    const { writer, pseudonyms, tenant, metrics, clock, door } = this.#parts;
    const origin = entry.origin ?? originOf(entry.principal) ?? { door };
    const stamp = { id: newId(), at: clock(), request: origin.request ?? newId(), origin };
    const record = await this.#timely(toRecord(entry, stamp, pseudonyms, tenant));
    await writer.write(canonical(record));
    if (entry.phase !== 'intent') metrics.decided(entry.outcome, entry.rules ?? []);
    return { event: stamp.id, request: stamp.request };
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

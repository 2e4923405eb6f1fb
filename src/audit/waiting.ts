import { MemwardenError } from '../errors/memwarden-error.js';
import type { AuditMetrics } from '../metrics/audit-metrics.js';

/** A record that waits until it is durable. */
export interface Waiting {
  readonly record: string;
  /** Resolves once the record is durable in the store and in every sink that is required. */
  readonly durable: Promise<void>;
  /** Ends the wait; only the first call counts. */
  readonly settle: (error?: MemwardenError) => void;
}

/**
 * Begins to wait.
 *
 * @param timeoutMs after so long the wait ends in `audit_timeout`
 * @param late called when it does
 */
export function waitingFor(
  record: string,
  metrics: AuditMetrics,
  timeoutMs: number,
  late: (waiting: Waiting) => void = () => undefined,
): Waiting {
  let settle!: Waiting['settle'];
  const durable = new Promise<void>((resolve, reject) => {
    const wait = metrics.began();
    let settled = false;
    const timer = setTimeout(() => {
      late(waiting);
      settle(new MemwardenError('audit_timeout', { limit: timeoutMs }));
    }, timeoutMs);
    settle = (error) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      metrics.ended(wait, error === undefined);
      if (error) reject(error);
      else resolve();
    };
  });
  const waiting: Waiting = { record, durable, settle };
  return waiting;
}

import { MemwardenError } from '../errors/memwarden-error.js';
import { AuditMetrics } from '../metrics/audit-metrics.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { AuditStorage } from '../model/audit-storage.js';
import type { Pseudonyms } from '../model/pseudonyms.js';
import { AuditLog, type LogParts } from './auditor.js';
import { newestOf, recordsOf } from './reader.js';

/** What the log of one tenant takes from the log of all. */
export interface SharedLog extends Pick<LogParts, 'writer' | 'clock' | 'door' | 'timeoutMs'> {
  readonly storage: AuditStorage;
  /** Those of the writer, which serves all. */
  readonly metrics: AuditMetrics;
}

/** What finds the records of one tenant. */
export function readingOf(
  storage: AuditStorage,
  tenant: string,
  pseudonyms: Pseudonyms,
): Pick<AuditKeeper, 'newest' | 'records' | 'pseudonymsOf'> {
  return {
    newest: (query) => newestOf(storage, tenant, query),
    records: (query) => recordsOf(storage, tenant, query),
    async pseudonymsOf(userId) {
      const found = await pseudonyms.pseudonymOf(tenant, userId);
      return found.lasting ? found.pseudonym : undefined;
    },
  };
}

/**
 * The log of all as one tenant has it. Decisions are counted apart; a tenant can neither verify, copy, cut nor close what
 * the others stand in.
 */
export function keeperOfTenant(shared: SharedLog, tenant: string, pseudonyms: Pseudonyms): AuditKeeper {
  const { storage, metrics: ofAll, ...parts } = shared;
  const metrics = new AuditMetrics();
  return {
    auditor: new AuditLog({ ...parts, metrics, pseudonyms, tenant }),
    counters() {
      const { decisions, denials } = metrics.snapshot();
      return { ...ofAll.snapshot(), decisions, denials };
    },
    ...readingOf(storage, tenant, pseudonyms),
    reconcile: () => Promise.resolve(0),
    verify: refused,
    prune: refused,
    checkpoint: refused,
    dump: refused,
    ofTenant: () => {
      throw new MemwardenError('tenant_shared');
    },
    close: () => Promise.resolve(),
  };
}

function refused(): Promise<never> {
  return Promise.reject(new MemwardenError('tenant_shared'));
}

import type { AuditCounters } from '../metrics/audit-metrics.js';
import type { AuditRecord } from './audit-record.js';
import type { AuditQuery, VerifyOptions, VerifyReport } from './audit-report.js';
import type { Auditor } from './auditor.js';
import type { Pseudonyms } from './pseudonyms.js';

/** The audit log as the composition root has it: who keeps it, and what may be done with what it has kept. */
export interface AuditKeeper {
  readonly auditor: Auditor;
  counters(): AuditCounters;
  /** Records of intents whose writers died that their outcome is not known. @returns how many */
  reconcile(): Promise<number>;
  /** @param options `files`: a folder of JSON lines in the place of the store */
  verify(options: VerifyOptions & { readonly files?: string }): Promise<VerifyReport>;
  /** The newest records of its tenant, oldest first. */
  newest(query: AuditQuery): Promise<AuditRecord[]>;
  /** All records of its tenant, stream by stream. */
  records(query: Omit<AuditQuery, 'limit'>): AsyncIterable<AuditRecord>;
  /** The pseudonym of a user who has a key; undefined for everybody else. */
  pseudonymsOf(userId: string): Promise<string | undefined>;
  /** Takes away whole streams that ended before a time. */
  prune(before: Date): Promise<{ readonly streams: number; readonly records: number }>;
  /** Makes a checkpoint and keeps it in the folder of the configuration. @returns the path of the file */
  checkpoint(): Promise<string>;
  /** Writes the log into a folder as JSON lines. @returns the number of groups */
  dump(folder: string): Promise<number>;
  /**
   * The same log for one tenant: what it records carries the tenant, and it finds those alone. What concerns the log as a
   * whole throws `tenant_shared`.
   */
  ofTenant(tenant: string, pseudonyms: Pseudonyms): AuditKeeper;
  /** Closes the stream and keeps a last checkpoint. */
  close(): Promise<void>;
}

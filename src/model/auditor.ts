import type { Action, SubjectName } from './actions.js';
import type { Principal } from './principal.js';

/** One decision on data, as the audit log will keep it: no content, no query text. */
export interface AuditEntry {
  readonly principal: Principal;
  readonly owner: string | undefined;
  readonly action: Action;
  readonly subject: SubjectName;
  /** A read has one record, a change an intent before its effect and a result after it (S24). */
  readonly phase: 'read' | 'intent' | 'result';
  readonly outcome: 'allowed' | 'denied' | 'absent';
  readonly ids: readonly string[];
  readonly revision: string;
  /** Who outside gets text of these records by this (S27). */
  readonly recipient?: string;
  /** What S10's look found: whether something stood there that was not permitted. */
  readonly hidden?: boolean;
}

/** Where the audit record stands in the way of a read: what is released waits for it. */
export interface Auditor {
  /** Resolves once the record is durable; a rejection releases nothing. */
  record(entry: AuditEntry): Promise<void> | void;
}

import type { Action, SubjectName } from './actions.js';
import type { Door, Outcome } from './auditor.js';
import type { Level } from './levels.js';

/** The version of the record's schema; docs/audit.md describes it. */
export const AUDIT_RECORD_VERSION = 1;

/** Who asked, as the log keeps it. */
export interface AuditedPrincipal {
  /** Its id; absent where it is an end user's. */
  readonly id?: string;
  /** The pseudonym of the end user that it is. */
  readonly self?: string;
  readonly role: string;
  /** The pseudonym of the user on whose behalf it acts. */
  readonly user?: string;
}

/** A record of the audit log: no content, no query text, users as pseudonyms only (S26). */
export interface AuditRecord {
  readonly v: number;
  readonly kind: 'event';
  /** UUIDv7. */
  readonly id: string;
  /** ISO 8601, UTC, to the millisecond. */
  readonly time: string;
  readonly door: Door;
  /** The server's id of the request. */
  readonly request: string;
  /** The tenant whose it is, where tenants share the log; absent from those of the deployment itself. */
  readonly tenant?: string;
  readonly principal: AuditedPrincipal;
  readonly purpose?: string;
  readonly action: Action;
  readonly subject: SubjectName;
  readonly act?: string;
  /** `reconciled`: an intent was found without a result. */
  readonly phase: 'read' | 'intent' | 'result' | 'reconciled';
  readonly outcome: Outcome | 'unknown';
  /** The pseudonym of the user whose memories they are. */
  readonly owner?: string;
  /** How many memories, or other things, it was about. */
  readonly count: number;
  /** How many of each level were released. */
  readonly levels?: Readonly<Partial<Record<Level, number>>>;
  /** A digest of their ids under the owner's pseudonym key. */
  readonly ids?: string;
  readonly rules: readonly string[];
  /** SHA-256 of the policies. */
  readonly policy: string;
  readonly hidden?: boolean;
  readonly recipient?: string;
  /** The event of the intent that this is the result of. */
  readonly intent?: string;
}

import type { Along } from './audit-storage.js';
import type { Action, SubjectName } from './actions.js';
import type { Level } from './levels.js';
import type { Principal } from './principal.js';

/** Where a call can come in. */
export const DOORS = ['library', 'cli', 'http', 'mem0', 'mcp', 'job'] as const;
/** Where a call came in. */
export type Door = (typeof DOORS)[number];

/** Where a call came in, and the server's id of the request that it belongs to; never an id that a caller chose. */
export interface Origin {
  readonly door: Door;
  readonly request?: string;
}

/** What became of an act. `conflict`: somebody was faster; `failed`: it ended in an error before it took effect, or its effect is not known. */
export type Outcome = 'allowed' | 'denied' | 'absent' | 'conflict' | 'failed';

/** One decision on data, as the guard tells it: no content, no query text. The log keeps users as pseudonyms only. */
export interface AuditEntry {
  readonly principal: Principal;
  readonly owner: string | undefined;
  readonly action: Action;
  readonly subject: SubjectName;
  /** What was done, where action and subject do not say it: `count`, `history`, `policy.reload`. */
  readonly act?: string;
  /** A read has one record, a change an intent before its effect and a result after it (S24). */
  readonly phase: 'read' | 'intent' | 'result';
  readonly outcome: Outcome;
  readonly ids: readonly string[];
  /** How many things it was about, where that is not the number of ids. */
  readonly count?: number;
  /** How many memories of each level were released. */
  readonly levels?: Readonly<Partial<Record<Level, number>>>;
  /** The rules that decided. */
  readonly rules?: readonly string[];
  readonly revision: string;
  /** What S10's look found: whether something stood there that was not permitted. */
  readonly hidden?: boolean;
  /** Who outside got text of it, where that is not the principal (S27). */
  readonly recipient?: string;
  /** Where it came in; the warden's own door where it is not said. */
  readonly origin?: Origin;
  /** On a result: the event of its intent. */
  readonly intent?: string;
}

/** What the log gave an entry. */
export interface Recorded {
  /** Its event id. */
  readonly event: string;
  /** The request that it belongs to; the server's own. */
  readonly request: string;
}

/** The record of a change's result, ready to go into the commit of its effect. */
export interface Joined {
  readonly along: Along;
  /**
   * To be called when that commit has ended, however it has; until then every other record waits. Safe to repeat, never
   * rejects.
   *
   * @returns undefined where the record is not in the log, and may be told otherwise; else what resolves once it is durable
   *   in every sink that is required, and rejects as `record` does, also where the log cannot be asked
   */
  end(): Promise<{ readonly durable: Promise<void> } | undefined>;
}

/** Asked for by a store right before its commit, where it can take something along; ended by it right after. Never rejects. */
export type Join = () => Promise<Joined | undefined>;

/** Where the audit record stands in the way of a read: what is released waits for it. */
export interface Auditor {
  /**
   * Resolves once the record is durable; a rejection releases nothing.
   *
   * @throws MemwardenError audit_unavailable, audit_timeout
   */
  record(entry: AuditEntry): Promise<Recorded | undefined> | Recorded | undefined;
  /**
   * Makes the record of a result before its effect, so that one commit holds both. Until it is ended the log stands still:
   * nothing but the effect's commit may be waited for. Never rejects.
   *
   * @param entry the result if the effect comes out as it was decided; the store takes no other along
   * @returns undefined where that cannot be at once; then `record` tells of it
   */
  join?(entry: AuditEntry): Promise<Joined | undefined>;
}

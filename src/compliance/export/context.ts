import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import type { CompiledFilter } from '../../guard/filter.js';
import type { Guard } from '../../guard/guard.js';
import type { Auditor } from '../../model/auditor.js';
import type { Clock } from '../../model/clock.js';
import type { ExportOrder } from '../../model/export.js';
import type { Bindings, Lines } from './approvals.js';
import type { Cover } from './cover.js';

/** What exports stand on. */
export interface ExportContext {
  readonly guard: Guard;
  readonly auditor: Auditor;
  readonly instance: InstanceKeys;
  readonly store: Bindings & { storeId(): Promise<string> };
  /** Tells which credentials may be in one hand. */
  readonly lines: Lines;
  readonly clock: Clock;
  /** Whose exports these are. */
  readonly tenant: string;
  readonly policyRevision: () => string;
  /** Called between the steps; for tests that stop there. */
  readonly step?: (name: string) => void | Promise<void>;
}

/** What of a user, or of a space, is in an export that is kept. */
export interface KeptPart {
  /** The name of the partition: a space's is that of no user. */
  readonly userId: string;
  /** Under which names what is in it was written; of a space alone. */
  readonly authors?: readonly string[];
  /** The user who wrote it, where that user was asked for. */
  readonly writer?: string;
  /** Whether none of it could be handed out. */
  readonly withheld?: true;
  /** Of the memories, by the fields that went out of them, as the guard names those. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
}

/** A checked order of an export. */
export interface CheckedExport extends ExportOrder<CompiledFilter> {
  /** How the files lie on disk; in clear, to be handed out as they are, where nothing is said. With `fresh` alone. */
  readonly cover?: Cover;
  /** Whether the state notes the ids of each part. */
  readonly noteIds?: boolean;
  /** Called before the part of a user is read who may be exported: for who keeps the files. */
  readonly beforePart?: (userId: string) => Promise<void>;
  /** Takes what is done before the state of it goes: for who keeps the files. */
  readonly onDone?: (parts: () => AsyncIterable<KeptPart>) => Promise<void>;
}

import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import type { CompiledFilter } from '../../guard/filter.js';
import type { Guard } from '../../guard/guard.js';
import type { Auditor } from '../../model/auditor.js';
import type { Clock } from '../../model/clock.js';
import type { ExportFormat, ExportProgress } from '../../model/export.js';
import type { Bindings } from './approvals.js';

/** What exports stand on. */
export interface ExportContext {
  readonly guard: Guard;
  readonly auditor: Auditor;
  readonly instance: InstanceKeys;
  readonly store: Bindings & { storeId(): Promise<string> };
  readonly clock: Clock;
  readonly policyRevision: () => string;
  /** Called between the steps; for tests that stop there. */
  readonly step?: (name: string) => void | Promise<void>;
}

/** A checked order of an export. */
export interface CheckedExport {
  /** Sorted by their bytes, each once. */
  readonly users: readonly string[] | 'all';
  readonly filter: CompiledFilter;
  /** The filter as it was written. */
  readonly selection: Readonly<Record<string, unknown>>;
  readonly format: ExportFormat;
  readonly gzip: boolean;
  /** The file to write. */
  readonly out: string;
  readonly recipient?: string;
  readonly approval?: string;
  readonly fresh: boolean;
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
}

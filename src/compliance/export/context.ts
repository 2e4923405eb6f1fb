import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import type { CompiledFilter } from '../../guard/filter.js';
import type { Guard } from '../../guard/guard.js';
import type { Auditor } from '../../model/auditor.js';
import type { Clock } from '../../model/clock.js';
import type { ExportOrder } from '../../model/export.js';
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
export type CheckedExport = ExportOrder<CompiledFilter>;

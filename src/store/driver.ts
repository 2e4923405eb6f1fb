import type { AuditStorage } from '../model/audit-storage.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { SpaceLists } from '../model/space-lists.js';
import type { Finding } from '../model/finding.js';
import type { MaintenanceStore } from './maintenance.js';
import type { PlannedStore } from './planned.js';
import type { ServiceStore } from './service.js';

/** A store, whole, as the composition root sees it. */
export interface StoreDriver {
  readonly kind: 'mongodb' | 'embedded';
  /** Whose partitions a warden on it names. As a store is opened it reaches those of all tenants: `driverOfTenant`. */
  readonly tenant: string;
  /** By how much an acknowledged write raises the revision of its partition, no more and no less (S18). */
  readonly raises: number;
  readonly planned: PlannedStore;
  readonly maintenance: MaintenanceStore;
  readonly service: ServiceStore;
  /** Where the audit log lies; it cannot name memories. */
  readonly audit: AuditStorage;
  /** Documents of the product itself: credentials, jobs, reservations; it cannot name memories. */
  readonly values: KeyValueStore;
  /** The access lists of shared spaces. */
  readonly lists: SpaceLists;
  /** Makes collections, validators and indexes; safe to run again. */
  migrate(): Promise<void>;
  /** @throws MemwardenError store_not_migrated */
  assertMigrated(): Promise<void>;
  /** Looks at the store's settings and counts what is malformed. */
  diagnose(): Promise<Finding[]>;
  close(): Promise<void>;
}

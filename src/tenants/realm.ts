import type { KeyTally } from '../wiring/tenant-store.js';
import type { Warden } from '../warden.js';
import type { TenantRemains } from '../compliance/tenant-certificate.js';

/** How tenants are kept apart: where each one's warden stands, and how what it stands on is taken away. */
export interface Realm {
  /** Opens the warden of a tenant; makes what it stands on where that is not there. */
  open(tenant: string): Promise<Warden>;
  /** Counts its keys, before they go. */
  tally(tenant: string): Promise<KeyTally>;
  /** Takes its keys away; safe to run again. */
  destroyKeys(tenant: string): Promise<void>;
  /** Takes its memories and its audit log away; safe to run again. */
  destroyData(tenant: string): Promise<void>;
  /** What copies of its keys may be left. */
  readonly remains: TenantRemains;
}

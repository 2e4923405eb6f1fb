import type { Settings } from '../config/options.js';
import { Alarms } from '../metrics/alarms.js';
import type { StoreDriver } from '../store/driver.js';
import { driverOfTenant } from '../store/of-tenant/driver.js';
import { tenantKeys } from './keys-of-tenant.js';
import type { Shared, WardenParts } from './parts.js';

/** What is a tenant's own beside the ports that are bound to it. */
export interface TenantOptions extends Pick<WardenParts, 'noteKey' | 'acts'> {
  readonly searchIndexBytes: number;
}

/**
 * What the warden of a tenant is put together from where tenants share a store: the same policies, key service, store,
 * audit log and embedder as the deployment's, through ports that are bound to the tenant. Nothing is opened.
 */
export function tenantParts(
  shared: Shared,
  settings: Settings,
  tenant: string,
  { searchIndexBytes, ...own }: TenantOptions,
): WardenParts {
  const driver: StoreDriver = driverOfTenant(shared.driver, tenant);
  const keys = tenantKeys(shared.keys, tenant, settings.clock);
  return {
    settings: { ...settings, searchIndexBytes, watchPolicies: false },
    driver,
    policies: shared.policies.ofTenant(),
    alarms: new Alarms(settings.onAlarm),
    sealer: keys.rings,
    audit: shared.audit.ofTenant(tenant, keys.pseudonyms),
    cursorKeys: keys.instance.cursorKeys(),
    keys,
    embedding: shared.embedding,
    shared,
    tenant,
    close: () => keys.close(),
    ...own,
  };
}

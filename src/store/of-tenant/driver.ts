import type { AuditStorage } from '../../model/audit-storage.js';
import { SpaceLists } from '../../model/space-lists.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import type { StoreDriver } from '../driver.js';
import { maintenanceOfTenant } from './maintenance.js';
import { refused } from './own.js';
import { plannedOfTenant } from './planned.js';
import { serviceOfTenant, valuesOfTenant } from './values.js';

/**
 * A store as one tenant has it: every port is bound to that tenant, so that whoever stands on them can neither name nor
 * list what is another's. The deployment itself is bound to `default`; what concerns the whole store (its collections, its
 * audit log) is the deployment's, and throws `tenant_shared` for a tenant.
 */
export function driverOfTenant(whole: StoreDriver, tenant: string): StoreDriver {
  const isDeployment = tenant === DEFAULT_TENANT;
  return {
    kind: whole.kind,
    tenant,
    raises: whole.raises,
    planned: plannedOfTenant(whole.planned, tenant),
    maintenance: maintenanceOfTenant(whole.maintenance, tenant),
    service: serviceOfTenant(whole.service, tenant),
    audit: isDeployment ? whole.audit : NO_AUDIT,
    values: valuesOfTenant(whole.values, tenant),
    lists: new SpaceLists(whole.values, tenant),
    migrate: isDeployment ? () => whole.migrate() : refused,
    assertMigrated: () => whole.assertMigrated(),
    diagnose: isDeployment ? () => whole.diagnose() : refused,
    // Who opened it closes it.
    close: () => Promise.resolve(),
  };
}

// A tenant's records are read and written by the log of all, which knows whose each is.
const NO_AUDIT: AuditStorage = {
  streams: refused,
  async *groups() {
    yield await refused();
  },
  last: refused,
  append: refused,
  removeStream: refused,
};

import { DEFAULT_TENANT } from '../model/tenant.js';
import { insideOf, Warden } from '../warden.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { WardenParts } from '../wiring/parts.js';
import { destroySharedData, destroySharedKeys, tallySharedKeys } from '../wiring/shared-tenant.js';
import { tenantParts } from '../wiring/tenant-parts.js';
import { indexBytesEach, toTenantId, type TenantsSettings } from './options.js';
import type { Realm } from './realm.js';

/**
 * Tenants in one store, with one key store and one audit log: each has a warden on ports that are bound to it. Nothing is
 * opened for one; what is open is the deployment's.
 *
 * @param noteKey keeps which tenant an API key is of, before the key is there
 */
export function sharedRealm(
  deployment: Warden,
  given: TenantsSettings,
  noteKey: (prefix: string, tenant: string) => Promise<void>,
  acts: WardenParts['acts'] = {},
): Realm {
  const { settings, shared, driver } = insideOf(deployment).parts;
  if (!shared || driver.tenant !== DEFAULT_TENANT) throw new MemwardenError('internal');
  const searchIndexBytes = indexBytesEach(settings.searchIndexBytes, given.maxOpen);
  return {
    open(name) {
      const tenant = toTenantId(name);
      const own = { searchIndexBytes, acts, noteKey: (prefix: string) => noteKey(prefix, tenant) };
      return Promise.resolve(new Warden(tenantParts(shared, settings, tenant, own)));
    },
    tally: (tenant) => tallySharedKeys(shared, tenant),
    destroyKeys: (tenant) => destroySharedKeys(shared, settings, tenant),
    destroyData: (tenant) => destroySharedData(shared, settings, tenant),
    remains: {
      keyStore: settings.keys.store.kind,
      hadOwnKek: false,
      sharesStore: true,
      retentionDays: settings.keys.retentionDays,
    },
  };
}

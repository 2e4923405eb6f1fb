import type { Settings } from '../config/options.js';
import { tenantOptions, tenantPlaces } from '../config/tenant-places.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { boundTo } from '../internals.js';
import { openWarden } from '../warden.js';
import type { WardenParts } from '../wiring/parts.js';
import { destroyData, destroyKeys, tallyKeys } from '../wiring/tenant-store.js';
import { indexBytesEach, type TenantsSettings } from './options.js';
import type { Realm } from './realm.js';

/**
 * Tenants with a database (or an LMDB environment), a key store and an audit log of their own.
 *
 * Each has MongoDB clients of its own, with small pools: a client that several tenants shared would name any of their
 * databases, and could not log in as a user who may reach one alone.
 *
 * @param noteKey keeps which tenant an API key is of, before the key is there
 */
export function databaseRealm(
  deployment: Settings,
  { maxOpen, maxPoolSize }: TenantsSettings,
  noteKey: (prefix: string, tenant: string) => Promise<void>,
  acts: WardenParts['acts'] = {},
): Realm {
  const searchIndexBytes = indexBytesEach(deployment.searchIndexBytes, maxOpen);
  return {
    async open(tenant) {
      const options = { ...tenantOptions(deployment, tenant, { maxPoolSize, searchIndexBytes }), migrate: true };
      const warden = await openWarden(options, acts, { tenant, noteKey: (prefix) => noteKey(prefix, tenant) });
      try {
        if ((await boundTo(warden, tenant)) !== tenant) throw new MemwardenError('tenant_foreign');
        return warden;
      } catch (error) {
        await warden.close();
        throw error;
      }
    },
    tally: (tenant) => tallyKeys(deployment, tenant),
    destroyKeys: (tenant) => destroyKeys(deployment, tenant),
    destroyData: (tenant) => destroyData(deployment, tenant),
    remains: {
      keyStore: deployment.keys.store.kind,
      sharesStore: false,
      hadOwnKek: tenantPlaces(deployment, 'any').keyFile !== undefined,
      retentionDays: deployment.keys.retentionDays,
    },
  };
}

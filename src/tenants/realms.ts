import { settingsOf } from '../internals.js';
import type { Warden } from '../warden.js';
import type { WardenParts } from '../wiring/parts.js';
import { databaseRealm } from './database-realm.js';
import type { Isolation } from './isolation.js';
import type { TenantsSettings } from './options.js';
import type { Realm } from './realm.js';
import type { Registry } from './registry.js';
import { sharedRealm } from './shared-realm.js';

/** The realm of an isolation. @param noteKey keeps which tenant an API key is of, before the key is there */
export function realmOf(
  isolation: Isolation,
  deployment: Warden,
  given: TenantsSettings,
  noteKey: (prefix: string, tenant: string) => Promise<void>,
  acts: WardenParts['acts'],
): Realm {
  return isolation === 'shared'
    ? sharedRealm(deployment, given, noteKey, acts)
    : databaseRealm(settingsOf(deployment), given, noteKey, acts);
}

/** Opens the warden of a tenant that is in use. @throws MemwardenError tenant_not_found, and what opening throws */
export async function openActive(realm: Realm, registry: Registry, tenant: string): Promise<Warden> {
  const warden = await realm.open(tenant).catch(async (error: unknown) => {
    // Parts of one that is being dropped are gone.
    await registry.assertActive(tenant);
    throw error;
  });
  try {
    // It may have been dropped while it was opened: what opening made anew is not used, and is swept by the drop.
    await registry.assertActive(tenant);
    return warden;
  } catch (error) {
    await warden.close();
    throw error;
  }
}

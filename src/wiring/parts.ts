import type { Settings } from '../config/options.js';
import { Alarms } from '../metrics/alarms.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { Sealer } from '../model/sealer.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import type { StoreDriver } from '../store/driver.js';
import { driverOfTenant } from '../store/of-tenant/driver.js';
import { openEmbedding, type Embedding } from '../search/embedder/open.js';
import type { ActOptions } from './acts.js';
import { auditOf } from './audit.js';
import { assertFit, openKeys, type Keys } from './keys.js';
import { tenantKeys } from './keys-of-tenant.js';
import { Policies } from './policies.js';
import { openStore } from './stores.js';

/** What a warden is put together from. */
export interface WardenParts {
  readonly settings: Settings;
  readonly driver: StoreDriver;
  readonly policies: Policies;
  readonly alarms: Alarms;
  readonly sealer: Sealer;
  readonly audit: AuditKeeper;
  readonly cursorKeys: CursorKeys;
  readonly keys: Keys | undefined;
  /** What it is opened from, for all tenants of the store. */
  readonly shared?: Shared;
  /** The tenant that it serves, where it serves one. */
  readonly tenant?: string;
  /** Called before an API key is there, with the part of it that is no secret. */
  readonly noteKey?: (prefix: string) => Promise<void>;
  /** What embeds, where that is opened for all tenants of the store. */
  readonly embedding?: Embedding | undefined;
  readonly acts?: Partial<Pick<ActOptions, 'wait' | 'step'>>;
  /** Closes what of it is its own. */
  close(): Promise<void>;
}

/**
 * What is opened once for a store, whatever tenants it has. Its ports reach everything of every tenant: a warden stands
 * on ports that are bound to one (`driverOfTenant`, `tenantKeys`).
 */
export interface Shared {
  readonly driver: StoreDriver;
  readonly keys: Keys;
  readonly policies: Policies;
  readonly audit: AuditKeeper;
  /** Undefined where the options name none. */
  readonly embedding?: Embedding | undefined;
}

/** Closes what is opened once for a store. */
export async function closeShared({
  policies,
  audit,
  keys,
  driver,
  embedding,
}: Omit<Shared, 'keys'> & Pick<WardenParts, 'keys'>): Promise<void> {
  await embedding?.embedder.close();
  await policies.close();
  await audit.close();
  await keys?.close();
  await driver.close();
}

/**
 * Opens everything that a warden is put together from.
 *
 * @param repair ends the writes that others left half done, before anything is read
 * @throws MemwardenError policy_invalid, store_unavailable, store_unsafe, store_not_migrated, keys_foreign, ...
 */
export async function openParts(
  settings: Settings,
  repair: (maintenance: StoreDriver['maintenance']) => Promise<unknown>,
): Promise<WardenParts> {
  const alarms = new Alarms(settings.onAlarm);
  const policies = await Policies.start(settings, alarms);
  const driver = await openStore(settings);
  let keys: Keys | undefined;
  try {
    if (settings.migrate) await driver.migrate();
    await driver.assertMigrated();
    keys = await openKeys(settings.keys, settings);
    await assertFit(keys, driver);
    await repair(driver.maintenance);
    const own = tenantKeys(keys, DEFAULT_TENANT, settings.clock);
    const embedding = settings.embedder && openEmbedding(settings.embedder, alarms, settings.clock);
    const audit = await auditOf(settings, driver, own, alarms);
    const shared: Shared = { driver, keys, policies, audit, embedding };
    const bound = { driver: driverOfTenant(driver, DEFAULT_TENANT), keys: own, sealer: own.rings };
    const cursorKeys = own.instance.cursorKeys();
    const close = async () => {
      await own.close();
      await closeShared(shared);
    };
    return { settings, policies, alarms, audit, cursorKeys, embedding, ...bound, shared, close };
  } catch (error) {
    await policies.close();
    await keys?.close();
    await driver.close();
    throw error;
  }
}

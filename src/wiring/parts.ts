import type { Settings } from '../config/options.js';
import { Alarms } from '../metrics/alarms.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { Sealer } from '../model/sealer.js';
import type { StoreDriver } from '../store/driver.js';
import type { ActOptions } from './acts.js';
import { auditOf } from './audit.js';
import { assertFit, openKeys, type Keys } from './keys.js';
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
  /** The tenant that it serves, where it serves one. */
  readonly tenant?: string;
  /** Called before an API key is there, with the part of it that is no secret. */
  readonly noteKey?: (prefix: string) => Promise<void>;
  readonly acts?: Pick<ActOptions, 'wait' | 'step'>;
}

/** Closes everything that a warden is put together from. */
export async function closeParts({ policies, audit, keys, driver }: WardenParts): Promise<void> {
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
    const audit = await auditOf(settings, driver, keys, alarms);
    const cursorKeys = keys.instance.cursorKeys();
    return { settings, driver, policies, alarms, sealer: keys.rings, audit, cursorKeys, keys };
  } catch (error) {
    await policies.close();
    await keys?.close();
    await driver.close();
    throw error;
  }
}

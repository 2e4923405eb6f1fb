import { replay, type ReplayResult } from '../compliance/erase/replay.js';
import { toSettings, type WardenOptions } from '../config/options.js';
import { Guard } from '../guard/guard.js';
import { Alarms } from '../metrics/alarms.js';
import { SpaceRegister } from '../guard/space-register.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { Principal } from '../model/principal.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { PolicyEngine } from '../policy/engine.js';
import { loadPolicyFolder } from '../policy/load.js';
import { auditOf } from './audit.js';
import { assertOwn, openKeys, type Keys } from './keys.js';
import { spacesOf } from './spaces.js';
import { openStore } from './stores.js';

/**
 * Does the erasures of the ledger again on a store that was restored from a backup. No warden opens such a store before.
 *
 * @throws MemwardenError invalid_principal, forbidden, config_invalid, keys_foreign, ledger_invalid
 */
export async function replayErasures(
  principal: Principal,
  options?: WardenOptions,
  onProgress?: (done: number, all: number) => void,
): Promise<ReplayResult> {
  const settings = toSettings(options);
  const alarms = new Alarms(settings.onAlarm);
  const policy = await PolicyEngine.start({
    load: () => loadPolicyFolder(settings.policies),
    clock: settings.clock,
    alarms,
    maxStaleMs: settings.policyMaxStaleMs,
    cacheSize: 10,
  });
  const driver = await openStore(settings);
  let keys: Keys | undefined;
  let audit: AuditKeeper | undefined;
  try {
    await driver.assertMigrated();
    keys = await openKeys(settings.keys, settings);
    await assertOwn(keys.store, driver.service);
    const { store, instance, ledger, rings } = keys;
    audit = await auditOf(settings, driver, keys, alarms);
    const guard = new Guard({
      tenant: DEFAULT_TENANT,
      policy,
      alarms,
      store: driver.planned,
      sealer: rings,
      auditor: audit.auditor,
      clock: settings.clock,
      cursorKeys: instance.cursorKeys(),
      defaultTtlMs: {},
    });
    const { maintenance, service: head } = driver;
    const { lists, pass } = spacesOf(keys, driver);
    const register = new SpaceRegister({ lists, sealer: rings, clock: settings.clock, alarms });
    const spaces = { lists, register, pass };
    const act = { action: 'administer', subject: 'Key', act: 'erasure.replay', changes: true } as const;
    return await guard.administer(principal, act, () =>
      replay({ store, instance, ledger, maintenance, head, clock: settings.clock, spaces }, onProgress),
    );
  } finally {
    await audit?.close();
    await keys?.close();
    await driver.close();
  }
}

import { openAudit } from '../audit/open.js';
import type { Settings } from '../config/options.js';
import { instanceSigningKeys } from '../crypto/signing-keys.js';
import type { Alarms } from '../metrics/alarms.js';
import type { AuditKeeper } from '../model/audit-keeper.js';
import type { StoreDriver } from '../store/driver.js';
import type { Keys } from './keys.js';

/**
 * The audit log on a store, with the keys of the key store. What writers that died have left is reconciled (S24); beside
 * that nothing is written before the first record.
 */
export async function auditOf(
  settings: Settings,
  driver: StoreDriver,
  keys: Keys,
  alarms: Alarms,
): Promise<AuditKeeper> {
  const { instance, pseudonyms } = keys;
  const { clock } = settings;
  const audit = openAudit({
    storage: driver.audit,
    keys: instanceSigningKeys({
      current: () => instance.current('signing'),
      byId: (id) => instance.byId('signing', id),
    }),
    pseudonyms,
    alarms,
    clock,
    settings: settings.audit,
  });
  try {
    await audit.reconcile();
    return audit;
  } catch (error) {
    await audit.close();
    throw error;
  }
}

import { rm } from 'node:fs/promises';
import { fillLedger, Tombstones } from '../compliance/erase/tombstones.js';
import type { Settings } from '../config/options.js';
import { sharedExportFolder } from '../config/tenant-places.js';
import { newId } from '../model/id.js';
import type { Partition } from '../model/partition.js';
import { driverOfTenant } from '../store/of-tenant/driver.js';
import { keysOfTenant } from '../store/of-tenant/keys.js';
import type { Shared } from './parts.js';
import { idsOf, removed, tallyOf, type KeyTally } from './tenant-store.js';

const BATCH = 500;
const EVER = new Date(8.64e15);

/** Counts the keys of a tenant that shares its store. */
export function tallySharedKeys({ keys }: Shared, tenant: string): Promise<KeyTally> {
  return tallyOf(keysOfTenant(keys.store, tenant));
}

/**
 * Destroys the keys of a tenant that shares its store, as an erasure of each of its users would: no write under them lands
 * any more (S22), a tombstone in the ledger names them, so that a key store that was restored is not opened with them
 * (S21), and nothing of them stays in the files of the key store (S20).
 */
export async function destroySharedKeys(shared: Shared, { clock }: Settings, tenant: string): Promise<void> {
  const { keys, driver } = shared;
  const store = keysOfTenant(keys.store, tenant);
  const { maintenance } = driverOfTenant(driver, tenant);
  const tombstones = new Tombstones({ store: keys.store, instance: keys.instance, head: driver.service, clock });
  for (;;) {
    const page = await store.rings(undefined, BATCH);
    if (page.length === 0) break;
    const keyIds = page.flatMap(idsOf);
    for (const { userId, epoch } of page) await maintenance.fence({ tenant, userId }, epoch + 1);
    await maintenance.bury(keyIds);
    const { tombstone } = await tombstones.put(newId(), keyIds);
    await driver.service.raiseErasureHead(tombstone.sequence);
    await fillLedger(keys.store, keys.ledger);
    // One that changed meanwhile is of the next page.
    for (const ring of page) await store.remove({ tenant, userId: ring.userId }, ring.epoch);
  }
  await keys.store.shred();
}

/** Takes away the memories, the spaces and everything else that is kept for a tenant that shares its store. */
export async function destroySharedData(shared: Shared, settings: Settings, tenant: string): Promise<void> {
  const { maintenance, lists, service, values } = driverOfTenant(shared.driver, tenant);
  let after: Partition | undefined;
  for (;;) {
    const page = await maintenance.partitions(after, BATCH);
    for (const partition of page) {
      let left = true;
      while (left) {
        const gone = await maintenance.sweep(partition, BATCH);
        left = gone.memories + gone.states > 0;
      }
      await maintenance.forget(partition);
    }
    after = page.at(-1);
    if (page.length < BATCH) break;
  }
  const spaces: Partition[] = [];
  for await (const space of lists.spaces()) spaces.push(space);
  for (const space of spaces) await lists.remove(space);
  while ((await values.removeFamily('', BATCH)) > 0);
  await service.unbind('', EVER);
  const folder = sharedExportFolder(settings.store, settings.keys.ledger, tenant);
  await removed(() => rm(folder, { recursive: true, force: true }));
}

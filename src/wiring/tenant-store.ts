import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { StorePlace } from '../config/keys.js';
import type { Settings } from '../config/options.js';
import { exportFolder, tenantPlaces } from '../config/tenant-places.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { KeyRing, KeyStore } from '../model/key-store.js';
import type { Partition } from '../model/partition.js';
import { openKeyStore } from './keys.js';

/** The keys of a tenant as a certificate names them: how many there were, and one digest over all their ids. */
export interface KeyTally {
  readonly users: number;
  readonly keys: number;
  /** SHA-256 over the key ids, each with a line feed, in the order of users and versions; hexadecimal. */
  readonly digest: string;
}

const PAGE = 500;

/** Counts the keys of a tenant. @throws MemwardenError store_unavailable */
export async function tallyKeys(settings: Settings, tenant: string): Promise<KeyTally> {
  const { keyStore } = tenantPlaces(settings, tenant);
  const store = await openKeyStore({ store: keyStore }, settings.timeoutMs, 2);
  try {
    return await tallyOf(store);
  } finally {
    await store.close();
  }
}

/** Counts all keys of users that a key store names. */
export async function tallyOf(store: KeyStore): Promise<KeyTally> {
  const hash = createHash('sha256');
  let [users, keys] = [0, 0];
  let after: Partition | undefined;
  for (;;) {
    const rings = await store.rings(after, PAGE);
    users += rings.length;
    for (const id of rings.flatMap(idsOf)) {
      hash.update(`${id}\n`);
      keys += 1;
    }
    after = rings.at(-1);
    if (rings.length < PAGE) return { users, keys, digest: hash.digest('hex') };
  }
}

/** Takes away the key store of a tenant and its own key-encryption key. Nothing opens its memories any more. */
export async function destroyKeys(settings: Settings, tenant: string): Promise<void> {
  const { keyStore, keyFile } = tenantPlaces(settings, tenant);
  await removed(() => (keyFile === undefined ? Promise.resolve() : rm(keyFile, { force: true })));
  await destroy(keyStore, settings);
}

/** Takes away the memories of a tenant, its audit log and the checkpoints of that. */
export async function destroyData(settings: Settings, tenant: string): Promise<void> {
  const { store, ledger, checkpoints } = tenantPlaces(settings, tenant);
  await destroy(store, settings);
  for (const folder of [checkpoints, exportFolder(store, ledger, tenant)])
    await removed(() => rm(folder, { recursive: true, force: true }));
}

async function destroy(place: StorePlace, { timeoutMs }: Settings): Promise<void> {
  if (place.kind === 'embedded') return removed(() => rm(place.path, { recursive: true, force: true }));
  const { dropDatabase } = await import('../store/mongodb/drop.js');
  await dropDatabase({ uri: place.uri, timeoutMs, maxPoolSize: 2, patient: true });
}

/** Takes files of a tenant away. @throws MemwardenError store_unavailable */
export async function removed(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch {
    throw new MemwardenError('store_unavailable', { argument: 'the folder of the tenant' });
  }
}

/** The ids of all keys of a ring, those that were rotated out or are being erased too. */
export function idsOf({ versions, retiredKeyIds = [], pseudonym, authors = {}, erasure }: KeyRing): string[] {
  const own = [...versions.map(({ keyId }) => keyId), ...retiredKeyIds, ...(pseudonym ? [pseudonym.keyId] : [])];
  return [...new Set([...own, ...Object.keys(authors), ...(erasure?.keyIds ?? [])])];
}

import { fillLedger, idOf } from '../compliance/erase/tombstones.js';
import type { KeySettings } from '../config/options.js';
import { KeyRings } from '../crypto/keys/key-rings.js';
import { RingPseudonyms } from '../crypto/keys/ring-pseudonyms.js';
import { InstanceKeys } from '../crypto/keys/instance-keys.js';
import { openKms } from '../crypto/kms/open.js';
import { Ledger } from '../crypto/ledger.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import { newId } from '../model/id.js';
import type { KeyStore } from '../model/key-store.js';
import type { Partition } from '../model/partition.js';
import type { Kms } from '../model/kms.js';
import type { StoreDriver } from '../store/driver.js';
import type { ServiceStore } from '../store/service.js';
import { SEALED_MARK } from '../compliance/encrypt-existing.js';

const MOST_CONNECTIONS = 20;

/** Everything about keys, opened. */
export interface Keys {
  readonly store: KeyStore;
  readonly kms: Kms;
  readonly rings: KeyRings;
  readonly instance: InstanceKeys;
  /** How users stand in the audit log. */
  readonly pseudonyms: RingPseudonyms;
  readonly ledger: Ledger;
  readonly settings: KeySettings;
  /** The epoch of a user's key record as it is now; undefined where the user has none or is being erased. */
  epochOf(partition: Partition): Promise<number | undefined>;
  /**
   * Calls back with the partition whose keys another process changed, where the key store can tell.
   *
   * @returns ends that
   */
  onChange(listener: (partition: Partition) => void): () => void;
  close(): Promise<void>;
}

/** How keys are opened. */
export interface OpenKeysOptions {
  readonly timeoutMs: number;
  readonly maxPoolSize?: number;
  readonly clock: Clock;
}

/**
 * Opens the key store and the key service. A driver is loaded when it is used.
 *
 * @throws MemwardenError store_unavailable, key_file_missing, key_file_invalid, key_file_other, key_file_unsafe, kms_unavailable, ...
 */
export async function openKeys(
  settings: KeySettings,
  { timeoutMs, maxPoolSize, clock }: OpenKeysOptions,
): Promise<Keys> {
  const store = await openKeyStore(settings, timeoutMs, maxPoolSize);
  let kms: Kms | undefined;
  try {
    const opened = await openKms(settings.kms, {
      timeoutMs,
      create: async () => !(await store.holdsKeys()),
      expected: () => kekIdsOf(store),
    });
    kms = opened;
    const { cacheMs, cacheMax } = settings;
    const rings = new KeyRings({ store, kms, clock, cacheMs, cacheMax });
    const pseudonyms = new RingPseudonyms({ store, kms, clock, cacheMs });
    const listeners = new Set<(partition: Partition) => void>([
      (partition) => rings.drop(partition),
      (partition) => pseudonyms.drop(partition),
    ]);
    await store.watch((partition) => listeners.forEach((listener) => listener(partition)));
    const epochOf = (partition: Partition) => epochIn(store, partition);
    const onChange = (listener: (partition: Partition) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
    const instance = new InstanceKeys(store, kms);
    // Made before anything else, so that every backup of the key store can check a later ledger.
    await instance.current('signing');
    const close = async () => {
      rings.close();
      await opened.close();
      await store.close();
    };
    const made = { store, kms, rings, instance, pseudonyms, ledger: new Ledger(settings.ledger), settings };
    return { ...made, epochOf, onChange, close };
  } catch (error) {
    await kms?.close();
    await store.close();
    throw error;
  }
}

/** The epoch of a user's key record in a key store; undefined where the user has none or is being erased. */
export async function epochIn(store: KeyStore, partition: Partition): Promise<number | undefined> {
  const ring = await store.ring(partition);
  return ring?.state === 'active' ? ring.epoch : undefined;
}

/**
 * Holds keys and memories together before anything is read: each made for the other, and the memories no older than
 * the ledger.
 *
 * @throws MemwardenError keys_foreign, keys_unsafe, erasure_missed, ledger_invalid
 */
export async function assertFit(keys: Keys, { service, maintenance }: StoreDriver): Promise<void> {
  await assertOwn(keys.store, service);
  await assertCurrent(keys, service);
  // What is found in clear later was not written by memwarden.
  if ((await maintenance.partitions(undefined, 1)).length === 0) await service.bound(SEALED_MARK, 'yes');
}

/**
 * Holds a key store and a store of memories together: each was made for the other.
 *
 * @throws MemwardenError keys_foreign; keys_unsafe where one lies in the other
 */
export async function assertOwn(store: KeyStore, service: ServiceStore): Promise<void> {
  const storeId = await service.storeId();
  if (await service.holdsKeyStore()) throw new MemwardenError('keys_unsafe', { argument: 'keys.store' });
  const own = await marked(store, 'self', newId());
  // The data name their key store too: an empty one, or another, must not take its place unnoticed.
  if ((await service.bound('key_store', own)) !== own) throw new MemwardenError('keys_foreign');
  if ((await marked(store, 'memories', storeId)) !== storeId) throw new MemwardenError('keys_foreign');
}

/**
 * Refuses a store that was restored from a backup before an erasure that the ledger holds (S21). A ledger that knows
 * of less than the data is filled from the key store.
 *
 * @param fill whether it may be; without, such a ledger is refused
 * @throws MemwardenError erasure_missed, ledger_invalid
 */
export async function assertCurrent({ store, ledger }: Keys, service: ServiceStore, fill = true): Promise<void> {
  const storeId = await service.storeId();
  const head = await service.erasureHead();
  const isWhole = () => ledger.read(storeId).then(({ length }) => length >= head);
  if (fill && !(await isWhole().catch(() => false))) await fillLedger(store, ledger, head);
  const newest = (await ledger.read(storeId)).at(-1)?.sequence ?? 0;
  if (newest < head) throw new MemwardenError('ledger_invalid');
  if (newest === 0) return;
  if (newest > head || !(await store.document('tombstone', idOf(newest)))) throw new MemwardenError('erasure_missed');
}

async function marked(store: KeyStore, id: string, value: string): Promise<string> {
  if (await store.add('meta', { id, value: { value } })) return value;
  return String((await store.document('meta', id))?.value['value']);
}

/** Opens the key store alone. @throws MemwardenError store_unavailable, store_unsafe, config_invalid */
export async function openKeyStore(
  { store }: Pick<KeySettings, 'store'>,
  timeoutMs: number,
  maxPoolSize = MOST_CONNECTIONS,
): Promise<KeyStore> {
  if (store.kind === 'embedded') {
    const { openEmbeddedKeys } = await import('../store/keys/embedded.js');
    return openEmbeddedKeys(store.path);
  }
  const { openMongoKeys } = await import('../store/keys/mongodb.js');
  return openMongoKeys({ uri: store.uri, timeoutMs, maxPoolSize: Math.min(maxPoolSize, MOST_CONNECTIONS) });
}

// Those of the instance keys and of one user: every store has the first, and a rewrap changes them last.
async function kekIdsOf(store: KeyStore): Promise<string[]> {
  const documents = await store.documents('instance', undefined, 100);
  const kekIds = documents.flatMap(({ value }) => (typeof value['kekId'] === 'string' ? [value['kekId']] : []));
  const [ring] = await store.rings(undefined, 1);
  return [...new Set([...kekIds, ...(ring?.versions.map(({ kekId }) => kekId) ?? [])])];
}

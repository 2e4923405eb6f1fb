import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { areSigned, type Ledger, type Tombstone } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErasureHead } from '../../model/erasure.js';
import type { KeyRing, KeyStore } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import type { MaintenanceStore, RowCount } from '../../store/maintenance.js';
import { fillLedger, Tombstones, type TombstonesOptions } from './tombstones.js';

const BATCH = 1_000;

/** What a replay stands on. */
export interface ReplayOptions extends TombstonesOptions {
  readonly store: KeyStore;
  readonly instance: InstanceKeys;
  readonly ledger: Ledger;
  readonly maintenance: MaintenanceStore;
  readonly head: ErasureHead;
}

/** What a replay did. */
export interface ReplayResult {
  /** Erasures that a restored store did not know of any more. */
  readonly replayed: number;
  /** Wrapped keys that had come back and were destroyed again. */
  readonly keys: number;
  readonly memories: number;
  readonly states: number;
}

/**
 * Does the erasures of the ledger again on a store that was restored from a backup: keys that came back are destroyed,
 * rows under them are deleted, and only then does the store count as knowing of them (S21).
 *
 * @throws MemwardenError ledger_invalid where the ledger does not follow itself, another key signed it, or it knows of
 *   less than the data and the key store does not have the rest
 */
export async function replay(
  options: ReplayOptions,
  onProgress?: (done: number, all: number) => void,
): Promise<ReplayResult> {
  const { ledger, head, instance, store } = options;
  await fillLedger(store, ledger);
  const tombstones = await ledger.read(await head.storeId());
  const before = await head.erasureHead();
  if (tombstones.length < before) throw new MemwardenError('ledger_invalid');
  const { keys: jwks } = await instance.jwks();
  if (!areSigned(tombstones, jwks)) throw new MemwardenError('ledger_invalid');
  const dead = new Set(tombstones.flatMap(({ keyIds }) => keyIds));
  const keys = await destroyRevived(store, dead);
  const counts = await sweepDead(options.maintenance, tombstones, onProgress);
  await store.shred();
  const known = new Tombstones(options);
  for (const tombstone of tombstones) await known.keep(tombstone);
  const last = tombstones.at(-1)?.sequence ?? 0;
  if (last > 0) await head.raiseErasureHead(last);
  return { replayed: tombstones.filter(({ sequence }) => sequence > before).length, keys, ...counts };
}

async function destroyRevived(store: KeyStore, dead: ReadonlySet<string>): Promise<number> {
  let destroyed = 0;
  let after: Partition | undefined;
  for (;;) {
    const page = await store.rings(after, BATCH);
    for (const ring of page) destroyed += await destroyIn(store, ring, dead);
    after = page.at(-1);
    if (page.length < BATCH) return destroyed;
  }
}

// A user has all of its keys from one time: where one is dead they all are, but for those of a user who came back.
async function destroyIn(store: KeyStore, ring: KeyRing, dead: ReadonlySet<string>): Promise<number> {
  const living = ring.versions.filter(({ keyId }) => !dead.has(keyId));
  const { pseudonym, ...rest } = ring;
  const own = pseudonym && !dead.has(pseudonym.keyId) ? { pseudonym } : {};
  const gone = ring.versions.length - living.length + (pseudonym && !('pseudonym' in own) ? 1 : 0);
  if (gone === 0) return 0;
  const isEmpty = living.length === 0 && ring.state === 'active';
  const next: KeyRing = { ...rest, ...own, epoch: ring.epoch + 1, versions: living };
  const done = isEmpty ? await store.remove(ring, ring.epoch) : await store.swap(next, ring.epoch);
  if (!done) throw new MemwardenError('erasing');
  return gone;
}

// No index leads from a key to its rows, for every write would pay for it: each look goes over everything, and is for
// as many erasures at once as a query takes.
async function sweepDead(
  maintenance: MaintenanceStore,
  tombstones: readonly Tombstone[],
  onProgress?: (done: number, all: number) => void,
): Promise<RowCount> {
  const all = { memories: 0, states: 0 };
  for (let from = 0; from < tombstones.length; from += BATCH) {
    const keyIds = tombstones.slice(from, from + BATCH).flatMap((tombstone) => tombstone.keyIds);
    const gone = await sweep(maintenance, keyIds);
    all.memories += gone.memories;
    all.states += gone.states;
    onProgress?.(Math.min(from + BATCH, tombstones.length), tombstones.length);
  }
  return all;
}

async function sweep(maintenance: MaintenanceStore, keyIds: readonly string[]): Promise<RowCount> {
  const all = { memories: 0, states: 0 };
  if (keyIds.length === 0) return all;
  for (;;) {
    const partitions = await maintenance.partitionsUnder(keyIds, BATCH);
    if (partitions.length === 0) return all;
    for (const partition of partitions) {
      for (;;) {
        const gone = await maintenance.sweep(partition, BATCH, keyIds);
        all.memories += gone.memories;
        all.states += gone.states;
        if (gone.memories + gone.states === 0) break;
      }
      const left = await maintenance.tally(partition);
      if (left.memories + left.states === 0) await maintenance.forget(partition);
    }
  }
}

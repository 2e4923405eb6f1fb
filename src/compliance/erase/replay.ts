import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import { areSigned, type Ledger, type Tombstone } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErasureHead } from '../../model/erasure.js';
import type { KeyRing, KeyStore } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import { authorIdOf, withoutAuthor } from '../../model/space-list.js';
import type { SpaceLists } from '../../model/space-lists.js';
import type { SpaceRegister } from '../../guard/space-register.js';
import type { MaintenanceStore, RowCount } from '../../store/maintenance.js';
import { withdraw } from './leave-spaces.js';
import { fillLedger, Tombstones, type TombstonesOptions } from './tombstones.js';

const BATCH = 1_000;

/** What a replay stands on. */
export interface ReplayOptions extends TombstonesOptions {
  readonly store: KeyStore;
  readonly instance: InstanceKeys;
  readonly ledger: Ledger;
  readonly maintenance: MaintenanceStore;
  readonly head: ErasureHead;
  /** The access lists of shared spaces. */
  readonly spaces?: {
    readonly lists: SpaceLists;
    readonly register: SpaceRegister;
    /** Puts an epoch of the space's key in force that no fence is ahead of. */
    readonly pass: (space: Partition) => Promise<void>;
  };
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
  counts.memories += await leaveAgain(options, dead);
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
  const secrets = Object.entries(ring.authors ?? {});
  const authors = secrets.filter(([id]) => !dead.has(id));
  const lost = pseudonym && !('pseudonym' in own) ? 1 : 0;
  const gone = ring.versions.length - living.length + lost + secrets.length - authors.length;
  if (gone === 0) return 0;
  const isEmpty = living.length === 0 && ring.state === 'active';
  const others = ring.authors ? { authors: Object.fromEntries(authors) } : {};
  const next: KeyRing = { ...rest, ...own, ...others, epoch: ring.epoch + 1, versions: living };
  const done = isEmpty ? await store.remove(ring, ring.epoch) : await store.swap(next, ring.epoch);
  if (!done) throw new MemwardenError('erasing');
  return gone;
}

// What is under a secret that is dead opens no more; here the rows go too, and the lists forget whose they were.
async function leaveAgain({ spaces, maintenance }: ReplayOptions, dead: ReadonlySet<string>): Promise<number> {
  if (!spaces) return 0;
  const { lists, register, pass } = spaces;
  let removed = 0;
  for await (const partition of lists.spaces()) {
    const keyId = (await lists.get(partition))?.record.key_id;
    // The space itself is gone.
    if (keyId !== undefined && dead.has(keyId)) await lists.remove(partition);
    else await pass(partition);
    const list = await register.read({ partition });
    const names = Object.keys(list?.authors ?? {}).filter((name) => dead.has(authorIdOf(name)));
    if (!list || names.length === 0) continue;
    const count = (memories: number) => Promise.resolve(void (removed += memories));
    if (list.onErase === 'remove') await withdraw(maintenance, partition, names, count);
    await register.change({ partition }, (now) => names.reduce(withoutAuthor, now));
  }
  return removed;
}

// No index leads from a key to its rows, for every write would pay for it: each look goes over everything, and is for
// as many erasures at once as a query takes.
async function sweepDead(
  maintenance: MaintenanceStore,
  tombstones: readonly Tombstone[],
  onProgress?: (done: number, all: number) => void,
): Promise<{ memories: number; states: number }> {
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

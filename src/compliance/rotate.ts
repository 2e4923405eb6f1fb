import { MESSAGE_LIMIT } from '../crypto/keys/message-budget.js';
import type { KeyRings } from '../crypto/keys/key-rings.js';
import type { KeysAtHand } from '../crypto/keys/opener.js';
import { resealRecord } from '../crypto/seal/record-sealer.js';
import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import { SEALED } from '../model/fields.js';
import type { KeyRing, KeyStore } from '../model/key-store.js';
import type { Partition } from '../model/partition.js';
import type { MaintenanceStore, Resealing, SealedRow } from '../store/maintenance.js';

const BATCH = 500;
const PAGE = 500;

/** What rotating stands on. */
export interface RotatorOptions {
  readonly store: KeyStore;
  readonly rings: KeyRings;
  readonly maintenance: MaintenanceStore;
  readonly clock: Clock;
  /** Longer than any process holds an unwrapped key (S22), in milliseconds. */
  readonly waitMs: number;
  readonly wait: (ms: number) => Promise<void>;
  /** Called between the steps; for tests that stop there. */
  readonly step?: (name: string) => void | Promise<void>;
}

/** What a rotation did. */
export interface RotationResult {
  /** Users whose old keys are gone. */
  readonly users: number;
  readonly rows: number;
  /** Users whose keys their owners hold: they are rotated with the next request that brings the owner key. */
  readonly skipped: number;
  /** Rows that are not what was sealed, and stay as they are: nobody can read them; `doctor` counts them. */
  readonly refused: number;
}

interface Counts {
  users: number;
  rows: number;
  skipped: number;
  refused: number;
}

/** Called after each batch. */
export type RotationProgress = (done: { readonly users: number; readonly rows: number }) => void;

/**
 * Puts new keys in use and seals everything anew under them, while memories are read and written. A row keeps its
 * version and its dates. Where it stops half way, the same call goes on: the key records tell what is left.
 */
export class Rotator {
  readonly #options: RotatorOptions;

  constructor(options: RotatorOptions) {
    this.#options = options;
  }

  /** Rotates one user. */
  async rotate(partition: Partition, onProgress?: RotationProgress): Promise<RotationResult> {
    const counts = { users: 0, rows: 0, skipped: 0, refused: 0 };
    await this.#advance(partition, counts);
    await this.#step('advanced');
    await this.#reseal(partition, counts, onProgress);
    await this.#step('resealed');
    await this.#options.wait(this.#options.waitMs);
    await this.#retire(partition, counts, onProgress);
    await this.#options.store.shred();
    return counts;
  }

  /**
   * Rotates every user whose key in use was made before a time.
   *
   * @param before the time at which the rotation was begun; the same for every attempt of one rotation
   */
  async rotateAll(before: Date, onProgress?: RotationProgress): Promise<RotationResult> {
    const counts = { users: 0, rows: 0, skipped: 0, refused: 0 };
    for await (const ring of this.#rings()) {
      const [inUse] = ring.versions;
      // One that was advanced before, by a rotation that was cut off or because its key was spent.
      if (ring.state === 'active' && ring.versions.length > 1)
        await this.#options.maintenance.fence(nameOf(ring), ring.epoch);
      if (ring.state === 'active' && inUse && inUse.createdAt < before) await this.#advance(ring, counts);
      if (ring.ownerHeld || ring.state !== 'active') continue;
      await this.#reseal(ring, counts, onProgress);
      await this.#step('resealed');
    }
    await this.#options.wait(this.#options.waitMs);
    for await (const ring of this.#rings()) if (ring.versions.length > 1) await this.#retire(ring, counts, onProgress);
    await this.#options.store.shred();
    return counts;
  }

  async #advance(partition: Partition, counts: Counts): Promise<void> {
    const { rings, maintenance } = this.#options;
    try {
      const epoch = await rings.advance(partition);
      if (epoch !== undefined) await maintenance.fence(nameOf(partition), epoch);
    } catch (error) {
      if (isMemwardenError(error, 'owner_key_required')) counts.skipped += 1;
      else if (!isMemwardenError(error, 'erasing')) throw error;
    }
  }

  // What nothing is sealed under any more is destroyed; the key record says so before the key is gone.
  async #retire(partition: Partition, counts: Counts, onProgress?: RotationProgress): Promise<void> {
    const { store, rings, maintenance } = this.#options;
    const ring = await store.ring(partition);
    const inUse = ring?.versions.find(({ state }) => state === 'active');
    if (!ring || !inUse || ring.state !== 'active' || ring.versions.length === 1) return;
    // From here on nothing lands under an old version; a version that came since ends this at the swap.
    await maintenance.fence(nameOf(partition), ring.epoch);
    await this.#reseal(partition, counts, onProgress);
    if ((await maintenance.countNotUnder(nameOf(partition), inUse.keyId)) > 0) return;
    await this.#step('nothing left');
    const gone = ring.versions.filter((version) => version !== inUse).map(({ keyId }) => keyId);
    const retiredKeyIds = [...(ring.retiredKeyIds ?? []), ...gone];
    // With what was reserved of it meanwhile.
    const now = (await store.ring(partition))?.versions.find(({ keyId }) => keyId === inUse.keyId) ?? inUse;
    const next: KeyRing = { ...ring, epoch: ring.epoch + 1, versions: [now], retiredKeyIds };
    if (!(await store.swap(next, ring.epoch))) return;
    rings.drop(partition);
    counts.users += 1;
    onProgress?.(counts);
  }

  async #reseal(partition: Partition, counts: Counts, onProgress?: RotationProgress): Promise<void> {
    const { store, rings, maintenance } = this.#options;
    const ring = await store.ring(partition);
    const inUse = ring?.versions.find(({ state }) => state === 'active');
    if (!ring || !inUse || ring.versions.length === 1 || ring.ownerHeld) return;
    await rings.withVersions(ring, undefined, async (keys) => {
      const refused = new Set<string>();
      for (;;) {
        // Those that were refused stay where they are, and are looked past.
        const rows = await maintenance.rowsNotUnder(nameOf(partition), inUse.keyId, BATCH + refused.size);
        const left = rows.filter((row) => !refused.has(placeOf(row)));
        if (left.length === 0) break;
        const reserved = await store.reserve(nameOf(partition), inUse.keyId, left.length * SEALED.length);
        // Used up, or in use no more: the version that comes next takes the rest.
        if (reserved === undefined || reserved > MESSAGE_LIMIT) break;
        const changes = left.flatMap((row) => this.#resealed(keys, inUse.keyId, row, refused));
        counts.rows += await maintenance.reseal(nameOf(partition), changes);
        onProgress?.(counts);
        await this.#step('batch');
      }
      counts.refused += refused.size;
    });
  }

  #resealed(keys: KeysAtHand, inUse: string, row: SealedRow, refused: Set<string>): Resealing[] {
    const { key_id: keyId = '', author } = row.record;
    const from = keys(keyId, author);
    const to = keys(inUse, author);
    const kind = row.place === 'memory' ? 'memory' : row.deletedAt ? 'deleted' : 'history';
    try {
      if (from && to) return [{ row, next: resealRecord(from, to, row.record, kind, row.deletedAt) }];
    } catch (error) {
      if (!isMemwardenError(error, 'unauthentic')) throw error;
    }
    refused.add(placeOf(row));
    return [];
  }

  async *#rings(): AsyncGenerator<KeyRing> {
    let after: Partition | undefined;
    for (;;) {
      const page = await this.#options.store.rings(after, PAGE);
      yield* page;
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  async #step(name: string): Promise<void> {
    await this.#options.step?.(name);
  }
}

function placeOf({ place, record, deletedAt }: SealedRow): string {
  return `${place} ${record.id} ${record.version} ${String(deletedAt !== undefined)}`;
}

function nameOf({ tenant, userId }: Partition): Partition {
  return { tenant, userId };
}

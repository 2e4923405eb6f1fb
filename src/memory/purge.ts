import type { Clock } from '../model/clock.js';
import type { MaintenanceStore } from '../store/maintenance.js';

const PARTITIONS = 200;
const BATCH = 500;
const LEASE_MS = 60_000;

/** What a purge did. */
export interface PurgeResult {
  readonly deleted: number;
  readonly partitions: number;
  /** Partitions where a writer had died and its act was ended. */
  readonly repaired: number;
}

/**
 * Deletes what has expired, with its history, partition by partition in bounded batches, and ends what writers that
 * died left half done. Nobody could read any of it.
 *
 * @param onProgress called after each batch with the number deleted so far
 * @param also takes away what else has expired
 */
export async function purge(
  store: MaintenanceStore,
  clock: Clock,
  onProgress?: (deleted: number) => void,
  also?: { expire(): Promise<void> },
): Promise<PurgeResult> {
  await also?.expire();
  const repaired = await repairLapsed(store);
  const now = clock();
  let deleted = 0;
  let partitions = 0;
  let previous = '';
  for (;;) {
    const due = await store.partitionsToPurge(now, PARTITIONS);
    const names = due.map(({ tenant, userId }) => `${tenant}/${userId}`).join('\n');
    // Others write at the same time: what could not be settled now is settled by the next purge.
    if (due.length === 0 || names === previous) return { deleted, partitions, repaired };
    previous = names;
    for (const partition of due) {
      let done = false;
      while (!done) {
        const batch = await store.purge(partition, now, BATCH);
        deleted += batch.deleted;
        done = batch.done;
        onProgress?.(deleted);
      }
      partitions += 1;
    }
  }
}

/** Ends the acts of writers that died. */
export async function repairLapsed(store: MaintenanceStore): Promise<number> {
  const before = new Date(Date.now() - LEASE_MS);
  let repaired = 0;
  for (;;) {
    const partitions = await store.partitionsToRepair(before, PARTITIONS);
    for (const partition of partitions) await store.repair(partition, before);
    repaired += partitions.length;
    if (partitions.length < PARTITIONS) return repaired;
  }
}

import type { GuardContext } from '../guard/context.js';
import type { Partition } from '../model/partition.js';
import { SpaceLists } from '../model/space-lists.js';
import type { StoreDriver } from '../store/driver.js';
import type { Keys } from './keys.js';

/** Wires what shared spaces need: their access lists, and the end of what was decided under one that has changed. */
export function spacesOf({ rings }: Keys, { values, maintenance }: StoreDriver): NonNullable<GuardContext['spaces']> {
  return { lists: new SpaceLists(values), pass: (partition) => pass(partition, rings, maintenance) };
}

/** Ends the epoch of a space: from then on no write lands that was sealed before (S8, S22). */
export async function pass(
  partition: Partition,
  rings: Keys['rings'],
  maintenance: StoreDriver['maintenance'],
): Promise<void> {
  const epoch = await rings.pass(partition);
  if (epoch !== undefined) await maintenance.fence(partition, epoch);
}

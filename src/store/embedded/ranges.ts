import type { Partition } from '../partition.js';

/** Sorts after every number and string that can stand at its place in a key. */
const HIGHEST = '\u{10ffff}';

/** The keys of a partition. */
export function ofPartition({ tenant, userId }: Partition): { start: string[]; end: string[] } {
  return { start: [tenant, userId], end: [tenant, userId, HIGHEST] };
}

/** The keys of one memory's states. */
export function ofMemory({ tenant, userId }: Partition, id: string): { start: string[]; end: string[] } {
  return { start: [tenant, userId, id], end: [tenant, userId, id, HIGHEST] };
}

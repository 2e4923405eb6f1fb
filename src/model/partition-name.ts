import type { Partition } from './partition.js';

/** A partition as one text, under which something is kept for it. A tenant's name has no slash. */
export function nameOf({ tenant, userId }: Partition): string {
  return `${tenant}/${userId}`;
}

/** The partition that a name is of. */
export function partitionOf(name: string): Partition {
  const slash = name.indexOf('/');
  return { tenant: name.slice(0, slash), userId: name.slice(slash + 1) };
}

const one = () => 1;

/**
 * What bounds a least-recently-used cache to so many entries, where there may be many such caches in a process. It takes
 * room as it fills; bounded by `max` it would take the room of all of them when it is made.
 *
 * @returns options for `LRUCache`
 */
export function atMost(entries: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: entries, sizeCalculation: one };
}

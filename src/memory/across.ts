import { MemwardenError } from '../errors/memwarden-error.js';
import type { Hit } from '../guard/search.js';
import type { Memory, SharedMemory } from '../model/memory.js';
import { isList } from './checked.js';
import { ScopedMemory } from './scoped-memory.js';
import { toSearch, type SearchOptions } from './searching.js';
import { SharedSpace } from './shared-space.js';

const MOST = 100;

/**
 * Searches several handles with one query: what is mine and what is shared with me. Each is searched as it is alone, in
 * a view of its own, and no statistic of one enters another (S13); the hits are put in one order by their scores, which
 * are absolute, then the newer first, then by id.
 *
 * @param handles at most 100
 * @throws MemwardenError invalid_argument, and what a search of one of them throws
 */
export async function searchAcross(
  handles: readonly (ScopedMemory | SharedSpace)[],
  query: string,
  options?: SearchOptions,
): Promise<Hit<Memory | SharedMemory>[]> {
  const areHandles =
    isList(handles) &&
    handles.length <= MOST &&
    handles.every((one) => one instanceof ScopedMemory || one instanceof SharedSpace);
  if (!areHandles) throw new MemwardenError('invalid_argument', { argument: 'handles' });
  const { limit } = toSearch(query, options);
  // All at once, so that their records wait for the disk together; of several that fail the first handle says why.
  const searches = await Promise.allSettled(handles.map((handle) => handle.search(query, options)));
  const found: Hit<Memory | SharedMemory>[] = [];
  for (const search of searches) {
    if (search.status === 'rejected') throw search.reason;
    found.push(...search.value);
  }
  return found.sort(inOrder).slice(0, limit);
}

function inOrder(one: Hit<Memory | SharedMemory>, other: Hit<Memory | SharedMemory>): number {
  const newer = timeOf(other) - timeOf(one);
  return other.score - one.score || newer || (one.memory.id < other.memory.id ? -1 : 1);
}

function timeOf({ memory }: Hit<Memory | SharedMemory>): number {
  return memory.occurredAt?.getTime() ?? 0;
}

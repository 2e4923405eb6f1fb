import type { Memory } from '../model/memory.js';
import { isId, isText } from '../model/text.js';
import { isPlain } from './checked.js';

/**
 * What a private memory may hold of a shared one: where it is, and nothing of it. It is kept sealed, as `shared` of the
 * metadata, and resolved through the guard each time.
 */
export interface SharedReference {
  readonly space: string;
  readonly id: string;
}

/** The reference in a memory, or what is one itself; undefined where there is none. */
export function toReference(from: Memory | SharedReference): SharedReference | undefined {
  const given: unknown = 'metadata' in from || !('space' in from) ? from.metadata?.['shared'] : from;
  if (!isPlain(given)) return undefined;
  const { space, id } = given;
  return isId(space) && isText(id) && id !== '' ? { space, id } : undefined;
}

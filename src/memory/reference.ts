import { MemwardenError } from '../errors/memwarden-error.js';
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

/**
 * The reference in a memory, or what is one itself; undefined where a memory holds none.
 *
 * @throws MemwardenError invalid_argument for what is neither
 */
export function toReference(from: Memory | SharedReference): SharedReference | undefined {
  const given: unknown = from;
  if (!isPlain(given)) throw new MemwardenError('invalid_argument', { argument: 'reference' });
  if (isId(given['userId'])) return referenceIn(from as Memory);
  const reference = Object.keys(given).length === 2 ? asReference(given) : undefined;
  if (!reference) throw new MemwardenError('invalid_argument', { argument: 'reference' });
  return reference;
}

function referenceIn({ metadata }: Memory): SharedReference | undefined {
  const shared: unknown = metadata?.['shared'];
  return isPlain(shared) ? asReference(shared) : undefined;
}

function asReference({ space, id }: Readonly<Record<string, unknown>>): SharedReference | undefined {
  return isId(space) && isText(id) && id !== '' ? { space, id } : undefined;
}

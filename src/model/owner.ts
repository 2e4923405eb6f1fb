import { MemwardenError } from '../errors/memwarden-error.js';
import { isId } from './text.js';

/**
 * Checks the user id that names a partition.
 *
 * @throws MemwardenError invalid_owner
 */
export function toOwner(value: unknown): string {
  if (!isId(value)) throw new MemwardenError('invalid_owner');
  return value;
}

import { types } from 'node:util';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isPlain } from './checked.js';

const BYTES = 32;

/** What a scope may be given beside principal and owner. */
export interface ScopeOptions {
  /**
   * The key of the owner, 32 random bytes that the application holds: the operator cannot read without it. The first
   * memory of a user decides whether there is one.
   */
  readonly ownerKey?: Uint8Array;
}

/**
 * The owner key of options. It stays the caller's, who wipes it when the scope is done.
 *
 * @throws MemwardenError invalid_argument
 */
export function toOwnerKey(options: ScopeOptions | undefined): Uint8Array | undefined {
  if (options === undefined) return undefined;
  if (!isPlain(options) || Object.keys(options).some((key) => key !== 'ownerKey'))
    throw new MemwardenError('invalid_argument', { argument: 'options' });
  const { ownerKey } = options;
  if (ownerKey === undefined) return undefined;
  if (!types.isUint8Array(ownerKey) || ownerKey.length !== BYTES)
    throw new MemwardenError('invalid_argument', { argument: 'options.ownerKey' });
  return ownerKey;
}

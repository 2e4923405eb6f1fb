import { MemwardenError } from '../../errors/memwarden-error.js';

/** The error of what an export that was cut off has left, where it is not what was written. */
export function damaged(what: 'state file' | 'partial file' = 'state file'): MemwardenError {
  return new MemwardenError('invalid_argument', { argument: what, reason: 'damaged; start anew' });
}

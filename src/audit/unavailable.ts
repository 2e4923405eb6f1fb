import { MemwardenError } from '../errors/memwarden-error.js';

/** What says that a record cannot be written: nothing of what the store said gets out but its code. */
export function unavailable(error: unknown): MemwardenError {
  if (error instanceof MemwardenError) {
    return error.code === 'audit_unavailable' ? error : new MemwardenError('audit_unavailable', { cause: error.code });
  }
  return new MemwardenError('audit_unavailable');
}

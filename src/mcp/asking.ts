import { MemwardenError } from '../errors/memwarden-error.js';
import { ON_BEHALF_OF } from '../http/door.js';
import type { Caller } from '../identity/caller.js';
import type { ScopedMemory } from '../memory/scoped-memory.js';
import type { Principal } from '../model/principal.js';
import type { Warden } from '../warden.js';

/**
 * Does something with the memories that the credential of one request reaches. Who asks and whose memories they are is
 * settled here, before a tool sees its arguments.
 */
export type WithMemory = <T>(work: (memory: ScopedMemory) => Promise<T>) => Promise<T>;

/**
 * The one partition of a request: that of the user whom its credential acts for.
 *
 * @throws MemwardenError forbidden where the credential acts for nobody; invalid_argument where it may act for several
 *   and the request names none of them
 */
export function memoryFor(warden: Warden, caller: Caller, principal: Principal): ScopedMemory {
  if (principal.userId === undefined) {
    if (caller.grant.users.length === 0) throw new MemwardenError('forbidden');
    throw new MemwardenError('invalid_argument', { argument: ON_BEHALF_OF });
  }
  return warden.scope(principal, principal.userId);
}

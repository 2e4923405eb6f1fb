import { MemwardenError } from '../errors/memwarden-error.js';
import { ON_BEHALF_OF } from '../http/door.js';
import type { Caller } from '../identity/caller.js';
import type { SpacePage } from '../guard/space-pages.js';
import type { ScopedMemory } from '../memory/scoped-memory.js';
import type { PageOptions } from '../memory/selection.js';
import type { SharedSpace } from '../memory/shared-space.js';
import type { Principal } from '../model/principal.js';
import type { Warden } from '../warden.js';

/** What a request reaches: the memories of its user, and the shared spaces by their ids, each behind its list. */
export interface Reach {
  readonly memory: ScopedMemory;
  /** @throws MemwardenError invalid_argument */
  space(id: string): SharedSpace;
  /** @throws MemwardenError forbidden, invalid_cursor */
  spaces(options: PageOptions): Promise<SpacePage>;
}

/**
 * Does something with the memories that the credential of one request reaches. Who asks and whose memories they are is
 * settled here, before a tool sees its arguments.
 */
export type WithMemory = <T>(work: (reach: Reach) => Promise<T>) => Promise<T>;

/**
 * What a request reaches: of partitions that of the user alone whom its credential acts for.
 *
 * @param named what a request names the user with
 * @throws MemwardenError forbidden where the credential acts for nobody; invalid_argument where it may act for several
 *   and the request names none of them
 */
export function reachOf(warden: Warden, caller: Caller, principal: Principal, named = ON_BEHALF_OF): Reach {
  if (principal.userId === undefined) {
    if (caller.grant.users.length === 0) throw new MemwardenError('forbidden');
    throw new MemwardenError('invalid_argument', {
      argument: named,
      reason: 'the credential may act for several users',
    });
  }
  return {
    memory: warden.scope(principal, principal.userId),
    space: (id) => warden.space(principal, id),
    spaces: (options) => warden.spaces(principal, options),
  };
}

import type { FastifyRequest } from 'fastify';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, ON_BEHALF_OF, partsOf, principalOf, type DoorParts } from '../http/door.js';
import { newId } from '../model/id.js';
import type { Principal } from '../model/principal.js';
import { deskAs, type Desk } from './desk.js';

/** What a handle names. */
export type Kind = 'memory' | 'event' | 'export';

interface Located {
  readonly owner: string;
  readonly principal: Principal;
  readonly id: string;
}

// A user that there is not: where a credential may act for anybody, what is no id of ours is looked for with this one.
const NOBODY = newId();
// No id is like it, and the guard takes the steps of a miss.
const NO_ID = 'none';

/**
 * Runs an ordinary guarded call on what a handle names (S14): the owner comes out of the handle, is checked against the
 * grant, and the call is bound to it. What does not open, or is of a user that the credential may not act for, runs the
 * same call where it finds nothing. Nobody learns which it was.
 *
 * @throws MemwardenError not_found; forbidden where the caller may not do this to anything, and what the act throws
 */
export async function located<T>(
  parts: DoorParts,
  request: FastifyRequest,
  kind: Kind,
  handle: string,
  act: (desk: Desk, id: string) => Promise<T>,
): Promise<T> {
  const own = partsOf(request, parts);
  const { found, instead } = await locate(own, request, kind, handle);
  const run = ({ principal, owner, id }: Located) => act(deskAs(own, principal, owner), id);
  try {
    return await run(found ?? instead);
  } catch (error) {
    // A rule may refuse one owner and not another: whether it did must not show that the handle is a true one.
    if (!isMemwardenError(error, 'forbidden')) throw error;
    await run(instead);
    throw new MemwardenError('not_found');
  }
}

async function locate(
  { services: { handles } }: DoorParts,
  request: FastifyRequest,
  kind: Kind,
  handle: string,
): Promise<{ readonly found: Located | undefined; readonly instead: Located }> {
  const place = await handles.open(kind, handle);
  const owner = standIn(request);
  const instead = { owner, principal: principalOf(request, 'mem0', owner), id: NO_ID };
  const principal = place && principalFor(request, place.owner);
  return { found: principal && { ...place, principal }, instead };
}

function standIn(request: FastifyRequest): string {
  const named = request.headers[ON_BEHALF_OF];
  if (typeof named === 'string') return named;
  const { users } = callerOf(request).grant;
  return (users === 'any' ? undefined : users[0]) ?? NOBODY;
}

// Undefined where the grant, or the user that the request says it acts for, is of somebody else. The grant is looked at
// here and not left to throw, for what is refused there goes on record, and a miss has the steps of a miss.
function principalFor(request: FastifyRequest, owner: string): Principal | undefined {
  const { users } = callerOf(request).grant;
  if (users !== 'any' && users.length > 0 && !users.includes(owner)) return undefined;
  const principal = principalOf(request, 'mem0', owner);
  return principal.userId === undefined || principal.userId === owner ? principal : undefined;
}

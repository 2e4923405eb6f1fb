import type { FastifyRequest } from 'fastify';
import type { DoorParts } from '../http/door.js';
import { callerOf, partsOf, principalOf } from '../http/door.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { conditionedOf, type DoorServices } from '../internals.js';
import type { ConditionedMemory } from '../memory/conditioned.js';
import type { ScopedMemory } from '../memory/scoped-memory.js';
import type { Principal } from '../model/principal.js';
import { isId } from '../model/text.js';

/** The entity ids of mem0's that a request names beside the user. */
export interface Entities {
  readonly user_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly app_id?: string | undefined;
  readonly run_id?: string | undefined;
}

/** One user's memories, as who sent a request may see and change them. */
export interface Desk {
  readonly owner: string;
  readonly principal: Principal;
  readonly memory: ScopedMemory;
  readonly conditioned: ConditionedMemory;
  readonly services: DoorServices;
}

/**
 * Whose memories a request is about: the one user that it names, else the one that its credential belongs to. In mem0 an
 * agent, an app or a run alone means everybody's memories of it, and a `*` anybody's: neither is ever answered with
 * anything.
 *
 * @throws MemwardenError invalid_argument, before anything is asked of anybody
 */
export function ownerOf(request: FastifyRequest, { user_id, agent_id, app_id, run_id }: Entities): string {
  for (const id of [user_id, agent_id, app_id, run_id])
    if (id !== undefined && (!isId(id) || id === '*')) throw new MemwardenError('invalid_argument', ANYBODY);
  if (user_id !== undefined) return user_id;
  const alone = agent_id ?? app_id ?? run_id;
  const { onlyUser } = callerOf(request);
  if (alone !== undefined || onlyUser === undefined) throw new MemwardenError('invalid_argument', ANYBODY);
  return onlyUser;
}

const ANYBODY = { argument: 'user_id', allowed: 'the id of one user' } as const;

/** @throws MemwardenError forbidden where the credential may not act for the user, whether or not there is one */
export function deskOf(parts: DoorParts, request: FastifyRequest, owner: string): Desk {
  return deskAs(partsOf(request, parts), principalOf(request, 'mem0', owner), owner);
}

/** The same for a principal that was made of the request before. */
export function deskAs({ warden, services }: DoorParts, principal: Principal, owner: string): Desk {
  const memory = warden.scope(principal, owner);
  return { owner, principal, memory, conditioned: conditionedOf(warden, principal, owner), services };
}

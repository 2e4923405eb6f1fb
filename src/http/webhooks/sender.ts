import type { FastifyRequest } from 'fastify';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { assertPlanned, keyIdsOf } from '../../internals.js';
import type { Origin } from '../../model/auditor.js';
import { projectParts } from '../../model/credential-rows.js';
import { ON_BEHALF_OF, PURPOSE, type DoorParts } from '../door.js';

/** Who did something, as far as it takes to ask again whether they may know of it. */
export interface Sender {
  readonly authorization: string | undefined;
  readonly onBehalfOf: string | undefined;
  readonly purpose: string | undefined;
  readonly origin: Origin;
}

/** What a delivery stands on while it is made. */
export interface Ground {
  readonly parts: DoorParts;
  readonly project: string;
  /** Whose share of the queue a delivery takes: of the tenant, or of the project where there are none. */
  readonly holder: string;
  /** The ids of the keys of the user. */
  readonly keyIds: readonly string[];
}

/** Who sent a request. */
export function senderOf(request: FastifyRequest): Sender {
  const { authorization, [ON_BEHALF_OF]: onBehalfOf, [PURPOSE]: purpose } = request.headers;
  return {
    authorization,
    onBehalfOf: textOf(onBehalfOf),
    purpose: textOf(purpose),
    origin: { door: 'mem0', request: request.id },
  };
}

/**
 * Runs a step of a delivery as its sender, who is authenticated and decided on anew: it must still be a credential that
 * holds, for this user, that may read memories of this user, and the user must not have been erased.
 *
 * @param keyIds the keys that the user had before; a user that was erased has others, or none
 * @throws MemwardenError unauthenticated, forbidden, not_found where nothing may be told any more, and what a store throws
 */
export async function asSender<T>(
  base: DoorParts,
  sender: Sender,
  owner: string,
  keyIds: readonly string[] | undefined,
  step: (ground: Ground) => Promise<T>,
): Promise<T> {
  const caller = await base.authenticate(sender.authorization);
  const { parts, release } = base.tenancy ? await base.tenancy.leaseFor(caller) : { parts: base, release: none };
  try {
    const { warden, services } = parts;
    const principal = caller.principal({ ...sender, user: owner });
    assertPlanned(warden, principal, { user: owner }, 'read');
    const now = await keyIdsOf(warden, owner);
    if (!now || (keyIds && !keyIds.some((id) => now.includes(id)))) throw new MemwardenError('not_found');
    const project = await services.nameOf(...projectParts(caller));
    return await step({ parts, project, holder: caller.tenant ?? project, keyIds: now });
  } finally {
    release();
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function none(): void {
  // One warden serves everybody, and is open for as long as the server is.
}

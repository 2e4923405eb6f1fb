import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Authenticate } from '../identity/authenticate.js';
import type { Caller } from '../identity/caller.js';
import type { Door } from '../model/auditor.js';
import type { Principal } from '../model/principal.js';
import type { DoorServices } from '../internals.js';
import type { Warden } from '../warden.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; null before it was authenticated. */
    caller: Caller | null;
  }
}

/** What a door is registered with. */
export interface DoorParts {
  readonly warden: Warden;
  readonly services: DoorServices;
  readonly authenticate: Authenticate;
}

/** Registers one door's routes. */
export type DoorPlugin = (app: FastifyInstance, parts: DoorParts) => Promise<void> | void;

/** Header that names the user a service acts for. */
export const ON_BEHALF_OF = 'memwarden-on-behalf-of';
/** Header that names the purpose of a request. */
export const PURPOSE = 'memwarden-purpose';

/** Has every route of an instance, and of those registered in it, authenticated anew at each request, before the body is read. */
export function requireCaller(app: FastifyInstance, { authenticate }: DoorParts): void {
  app.addHook('onRequest', async (request) => {
    request.caller = await authenticate(request.headers.authorization);
  });
}

/** Who sent a request. @throws MemwardenError unauthenticated */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new MemwardenError('unauthenticated');
  return request.caller;
}

/**
 * Who asks in a request, as its grant, its path and its headers say together.
 *
 * @param user the user that the route names, where it names one
 * @throws MemwardenError unauthenticated, forbidden, invalid_owner, invalid_argument
 */
export function principalOf(request: FastifyRequest, door: Door, user?: string): Principal {
  return callerOf(request).principal({
    user,
    onBehalfOf: headerOf(request, ON_BEHALF_OF),
    purpose: headerOf(request, PURPOSE),
    origin: { door, request: request.id },
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (Array.isArray(value)) throw new MemwardenError('invalid_argument', { argument: name });
  return value;
}

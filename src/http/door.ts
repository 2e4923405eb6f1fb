import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { Authenticate } from '../identity/authenticate.js';
import type { Caller } from '../identity/caller.js';
import type { Overreach, Refusals } from '../identity/refusals.js';
import type { Door } from '../model/auditor.js';
import type { Principal } from '../model/principal.js';
import type { DoorServices } from '../internals.js';
import type { Warden } from '../warden.js';
import type { Webhooks } from './webhooks/webhooks.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request; null before it was authenticated. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /**
     * Where a route without a parameter `user` reads the user that a request is about; null where it heeds none, not
     * that of a header either. For the rates of requests: nothing is decided by it.
     */
    userOf?: ((request: FastifyRequest) => unknown) | null;
  }
}

/** What a door is registered with. */
export interface DoorParts {
  readonly warden: Warden;
  readonly services: DoorServices;
  readonly authenticate: Authenticate;
  /** Where each tenant is served by a warden of its own; what is above is the deployment's then, and serves nobody. */
  readonly tenancy?: Tenancy;
  /** Told of what was done; without it there are no deliveries. */
  readonly webhooks?: Webhooks;
  /** Keeps the warden open beyond the request, for a job; gives it back when it is called. */
  readonly hold?: () => () => void;
}

/** Who serves the tenants. */
export interface Tenancy {
  /**
   * What serves a caller, until it is released. The tenant comes from the credential and from nowhere else.
   *
   * @throws MemwardenError tenant_required, unauthenticated, tenants_busy
   */
  leaseFor(caller: Caller): Promise<{ readonly parts: DoorParts; readonly release: () => void }>;
  /** What serves the tenants that are open now. */
  opened(): Promise<readonly DoorParts[]>;
}

/** Registers one door's routes. */
export type DoorPlugin = (app: FastifyInstance, parts: DoorParts) => Promise<void> | void;

/** Header that names the user a service acts for. */
export const ON_BEHALF_OF = 'memwarden-on-behalf-of';
/** Header that names the purpose of a request. */
export const PURPOSE = 'memwarden-purpose';

// Where the refusals of a request are told, and the record of its own: the answer waits for it.
const REFUSALS = new WeakMap<FastifyRequest, Refusals>();
const RECORDS = new WeakMap<FastifyRequest, Promise<void>>();
// What serves a request, where each tenant is served by a warden of its own.
const SERVED = new WeakMap<FastifyRequest, DoorParts>();

/**
 * Has every route of an instance, and of those registered in it, authenticated anew at each request, before the body is
 * read. What is refused is on record before it is answered.
 *
 * @param door where requests come in, on record with those that are refused
 */
export function requireCaller(app: FastifyInstance, parts: DoorParts, door: Door = 'http'): void {
  app.addHook('onRequest', async (request) => {
    REFUSALS.set(request, parts.services.refusals);
    request.caller = await authenticated(request, parts, door);
  });
  if (parts.tenancy) leaseWarden(app, parts.tenancy);
  app.addHook('onSend', (request, _reply, payload, done) => {
    const record = RECORDS.get(request);
    if (!record) return void done(null, payload);
    RECORDS.delete(request);
    void record.then(
      () => done(null, payload),
      (error: unknown) => done(error as Error),
    );
  });
}

/** What serves a request: the one warden, or that of the tenant of its credential. @throws MemwardenError unauthenticated */
export function partsOf(request: FastifyRequest, parts: DoorParts): DoorParts {
  if (!parts.tenancy) return parts;
  const served = SERVED.get(request);
  if (!served) throw new MemwardenError('unauthenticated');
  return served;
}

// Until the answer is out, or the client is gone and the handler has ended: then nothing uses the warden any more.
function leaseWarden(app: FastifyInstance, tenancy: Tenancy): void {
  const ends = new WeakMap<FastifyRequest, { runs: boolean; isGone: boolean; release: () => void }>();
  const end = (request: FastifyRequest) => {
    const held = ends.get(request);
    if (held?.isGone && !held.runs) held.release();
  };
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { parts, release } = await tenancy.leaseFor(callerOf(request));
    const held = { runs: false, isGone: reply.raw.destroyed, release };
    ends.set(request, held);
    SERVED.set(request, parts);
    REFUSALS.set(request, parts.services.refusals);
    if (held.isGone) {
      release();
      return;
    }
    reply.raw.once('close', () => {
      held.isGone = true;
      end(request);
    });
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const held = ends.get(request);
    if (held) held.runs = true;
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    const held = ends.get(request);
    if (held) held.runs = false;
    end(request);
    done(null, payload);
  });
}

/**
 * Who sends a request, as its credential says now; for answers that go on while it may be revoked.
 *
 * @throws MemwardenError unauthenticated, which is on record then
 */
export async function authenticated(
  request: FastifyRequest,
  { authenticate, services }: Pick<DoorParts, 'authenticate' | 'services'>,
  door: Door = 'http',
): Promise<Caller> {
  try {
    return await authenticate(request.headers.authorization);
  } catch (error) {
    if (isMemwardenError(error, 'unauthenticated'))
      await services.refusals.unauthenticated({ door, request: request.id });
    throw error;
  }
}

/**
 * Checks anew, in the midst of an answer, that its request would be let in: that its credential holds, and that its tenant is
 * still served.
 *
 * @throws MemwardenError unauthenticated, which is on record where it is the credential's end, tenants_busy
 */
export async function assertLetIn(request: FastifyRequest, parts: DoorParts): Promise<void> {
  const caller = await authenticated(request, parts);
  (await parts.tenancy?.leaseFor(caller))?.release();
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
  const caller = callerOf(request);
  const named = {
    user,
    onBehalfOf: headerOf(request, ON_BEHALF_OF),
    purpose: headerOf(request, PURPOSE),
    origin: { door, request: request.id },
  };
  try {
    return caller.principal(named);
  } catch (error) {
    if (isMemwardenError(error, 'forbidden')) tell(request, caller.overreach(named));
    throw error;
  }
}

function tell(request: FastifyRequest, overreach: Overreach): void {
  const record = REFUSALS.get(request)?.outsideGrant(overreach);
  if (!record) return;
  // It is waited for where the answer is sent; without one, nothing was released either.
  record.catch(() => undefined);
  RECORDS.set(request, record);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (Array.isArray(value)) throw new MemwardenError('invalid_argument', { argument: name });
  return value;
}

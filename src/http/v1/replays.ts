import type { FastifyRequest } from 'fastify';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { assertPlanned } from '../../internals.js';
import type { ActionOf } from '../../model/actions.js';
import type { Memory } from '../../model/memory.js';
import { callerOf } from '../door.js';
import type { Write } from '../idempotency.js';
import type { Call } from './operation.js';

/** What every write says of itself for its `Idempotency-Key`. */
export type AnyCall = Call<{ readonly user?: string; readonly space?: string }, unknown, unknown>;

/** The parts of a write that the request says. */
export function writeOf(
  call: AnyCall,
): Pick<Write<never>, 'caller' | 'principal' | 'owner' | 'route' | 'key' | 'body'> {
  const { request, principal, params, body } = call;
  return {
    caller: callerOf(request),
    principal,
    // What is kept of a write to a space is its author's, and goes with that user.
    owner: params.user ?? (params.space === undefined ? undefined : principal.userId),
    // The path as it was understood, so that two spellings of one path are one.
    route: `${request.method} ${request.routeOptions.url ?? ''} ${JSON.stringify(params)}`,
    key: keyOf(request),
    body: [body ?? null, call.query ?? null, request.headers['if-match'] ?? null],
  };
}

/** Asks anew whether the principal may still do what is repeated. @throws MemwardenError forbidden */
export function assertStill({ warden, principal, params }: AnyCall, action: ActionOf<'Memory'>): void {
  assertPlanned(warden, principal, params, action);
}

/**
 * A memory that was written before, as the guard releases it now: its id and owner alone where it may not be read, or is
 * there no more.
 */
export async function present({ memory }: AnyCall, id: string): Promise<Memory> {
  return (await memory.get(id)) ?? { id, userId: memory.userId };
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (Array.isArray(key)) throw new MemwardenError('invalid_argument', { argument: 'Idempotency-Key' });
  return key;
}

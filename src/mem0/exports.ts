import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, type DoorParts } from '../http/door.js';
import { isPlain } from '../memory/checked.js';
import { filters, read } from './body.js';
import { located } from './locate.js';
import { BY_FILTERS } from './named-user.js';
import { filtered, type Reading } from './reading.js';
import { viewsOf } from './view.js';

const MISSING = 'No memory export request found';
const LIFETIME_MS = 24 * 3_600_000;
const LONGEST = 4_096;
const createBody = z.strictObject({
  schema: z.union([z.string().min(1), z.custom<object>(isPlain)]),
  filters,
});
const getBody = z.strictObject({ memory_export_id: z.string().min(1).optional(), filters: filters.optional() });
const EXTRAS = { refused: ['export_instructions'] };
const config = { missing: MISSING, ...BY_FILTERS };

/** What the id of an export holds, sealed: nothing is kept of it anywhere else. */
interface Order {
  readonly caller: string;
  readonly until: number;
  readonly filters: unknown;
}

/**
 * Exports. An order is its own id: owner and filter stand in it sealed, so that nothing of either is kept. What comes out
 * is decided when it is fetched, as the action `export`, and is on record before it is handed out (S27).
 */
export function exporting(app: FastifyInstance, parts: DoorParts): void {
  const handedOut = async ({ desk, where }: Reading) => ({
    memories: await viewsOf(desk.services.handles, await desk.conditioned.export(where)),
  });

  app.post('/v1/exports/', { config: BY_FILTERS }, async (request, reply) => {
    const body = read(createBody, request.body, EXTRAS);
    if (JSON.stringify(body.filters).length > LONGEST)
      throw new MemwardenError('invalid_argument', { argument: 'filters' });
    const { desk } = await filtered(parts, request, body.filters, {});
    await desk.conditioned.mayExport();
    const { handles, clock } = desk.services;
    const order: Order = { caller: callerName(request), until: clock().getTime() + LIFETIME_MS, filters: body.filters };
    const id = await handles.seal('export', { owner: desk.owner, id: JSON.stringify(order) });
    void reply.status(201);
    return { message: 'Memory export request received. The export is ready.', id };
  });

  app.post('/v1/exports/get/', { config }, async (request) => {
    const { memory_export_id: handle, filters: given } = read(getBody, request.body);
    if ((handle === undefined) === (given === undefined))
      throw new MemwardenError('invalid_argument', { argument: 'memory_export_id or filters' });
    if (handle === undefined) return handedOut(await filtered(parts, request, given, {}));
    return located(parts, request, 'export', handle, async ({ owner, conditioned, services: { clock } }, id) => {
      const order = orderOf(id);
      if (order?.caller !== callerName(request) || order.until <= clock().getTime()) {
        // Decided like one that is there, so that who may export nothing hears the same of every id.
        await conditioned.mayExport();
        throw new MemwardenError('not_found');
      }
      const { desk, where } = await filtered(parts, request, order.filters, {});
      if (desk.owner !== owner) throw new MemwardenError('not_found');
      return handedOut({ desk, where });
    });
  });
}

function callerName(request: FastifyRequest): string {
  const { kind, id } = callerOf(request);
  return `${kind}:${id}`;
}

// Of a handle that did not open there is no order in the id.
function orderOf(id: string): Order | undefined {
  return id.startsWith('{') ? (JSON.parse(id) as Order) : undefined;
}

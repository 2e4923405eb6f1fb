import type { FastifyRequest } from 'fastify';
import type { Where } from '../guard/where.js';
import { partsOf, type DoorParts } from '../http/door.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { deskOf, ownerOf, type Desk, type Entities } from './desk.js';
import { checkLeaves, isPart, leavesIn, malformed, metadata as metadataWhere } from './filter-leaves.js';
import { toCheckedFilter, withIds, type HandleWhere } from './filters.js';
import { endOf, startOf, timeOf } from './times.js';
import { compared, eq, oneOf } from '../model/predicate.js';

/** What a route says beside its filter. */
export interface Beside {
  readonly categories?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly keywords?: string | undefined;
  readonly start_date?: string | undefined;
  readonly end_date?: string | undefined;
}

/** Whose memories a request reads, and which of them. */
export interface Reading {
  readonly desk: Desk;
  readonly where: Where;
}

/**
 * Whose memories a filter is about, and which: everything is checked before anybody is asked (S9).
 *
 * @throws MemwardenError invalid_argument, forbidden
 */
export async function filtered(
  parts: DoorParts,
  request: FastifyRequest,
  filters: unknown,
  beside: Beside,
): Promise<Reading> {
  const { user, entity, leaves, where } = toCheckedFilter(filters);
  const all: HandleWhere = { kind: 'all', of: [where, ...besides(beside, leaves)] };
  // An agent, an app or a run without a user is anybody's.
  if (user === undefined && entity !== undefined)
    throw new MemwardenError('invalid_argument', { argument: 'filters.user_id', allowed: 'the id of one user' });
  return readingOf(parts, request, { user_id: user }, all);
}

/** The same where a route names entities one by one. @throws MemwardenError invalid_argument, forbidden */
export async function listed(
  parts: DoorParts,
  request: FastifyRequest,
  { user_id, agent_id, app_id, run_id }: Entities,
  beside: Beside,
): Promise<Reading> {
  const who = { user_id, agent_id, app_id, run_id };
  const owner = ownerOf(request, who);
  const of: Where[] = [...besides(beside)];
  if (agent_id !== undefined) of.push({ kind: 'clear', of: eq('agent_id', agent_id) });
  if (app_id !== undefined) of.push({ kind: 'clear', of: eq('app_id', app_id) });
  if (run_id !== undefined) of.push({ kind: 'clear', of: eq('session_id', run_id) });
  return readingOf(parts, request, { user_id: owner }, { kind: 'all', of });
}

async function readingOf(
  parts: DoorParts,
  request: FastifyRequest,
  who: Entities,
  where: HandleWhere,
): Promise<Reading> {
  const desk = deskOf(parts, request, ownerOf(request, who));
  const idOf = async (handle: string) => {
    const place = await partsOf(request, parts).services.handles.open('memory', handle);
    return place?.owner === desk.owner ? place.id : undefined;
  };
  return { desk, where: await withIds(where, idOf) };
}

function besides({ categories, metadata, keywords, start_date, end_date }: Beside, leaves = 0): Where[] {
  const more = [categories, keywords, start_date, end_date].filter((one) => one !== undefined).length;
  checkLeaves(leaves + more + (metadata ? leavesIn('metadata', metadata) : 0), 'filters');
  const of: Where[] = [];
  if (categories) of.push({ kind: 'clear', of: oneOf('category', categories) });
  if (metadata) of.push(metadataWhere(metadata, 'metadata'));
  if (keywords !== undefined) {
    if (!isPart(keywords)) throw malformed('keywords');
    of.push({ kind: 'text', field: 'content', value: keywords, folded: true });
  }
  if (start_date !== undefined) {
    const start = timeOf(start_date);
    if (!start) throw new MemwardenError('invalid_argument', { argument: 'start_date' });
    of.push({ kind: 'clear', of: compared('occurred_at', 'gte', start) });
  }
  if (end_date !== undefined) {
    // A day is meant to its end, a time as it is.
    const end = startOf(end_date) ? endOf(end_date) : timeOf(end_date);
    if (!end) throw new MemwardenError('invalid_argument', { argument: 'end_date' });
    of.push({ kind: 'clear', of: compared('occurred_at', startOf(end_date) ? 'lt' : 'lte', end) });
  }
  return of;
}

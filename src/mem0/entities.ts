import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, partsOf, principalOf, type DoorParts } from '../http/door.js';
import { compareText } from '../model/text.js';
import { paging, readQuery } from './body.js';
import { deskOf, ownerOf } from './desk.js';
import { inTurns } from './in-turns.js';
import { linksOf } from './links.js';
import { BY_ENTITY } from './named-user.js';

interface Known {
  readonly userId: string;
  readonly createdAt?: Date;
}

const listQuery = z.strictObject(paging);
const empty = z.strictObject({});
const DEFAULT_SIZE = 100;
const STEP = 1_000;
/** How many users are counted; of more than these the count says that there is one more. */
const COUNTED = 10_000;
const OTHER_TYPES: ReadonlySet<string> = new Set(['agent', 'app', 'run']);

/** The users that a credential may act for. */
export function entitying(app: FastifyInstance, parts: DoorParts): void {
  app.get('/v1/entities/', async (request) => {
    const { page = 1, page_size: size = DEFAULT_SIZE } = readQuery(listQuery, request);
    const { count, users } = await usersOf(parts, request, (page - 1) * size, size);
    const results = await inTurns(users, (user) => entityOf(parts, request, user));
    return { count, ...linksOf(request, page, size, page * size < count), results };
  });

  for (const path of ['/v2/entities/:type/:id/', '/v1/entities/:type/:id/']) {
    app.delete<{ Params: { type: string; id: string } }>(path, { config: BY_ENTITY }, async (request) => {
      readQuery(empty, request);
      const { type, id } = request.params;
      if (OTHER_TYPES.has(type)) throw new MemwardenError('not_supported', { argument: `entities of type ${type}` });
      if (type !== 'user') throw new MemwardenError('invalid_argument', { argument: 'type' });
      const owner = ownerOf(request, { user_id: id });
      await partsOf(request, parts).warden.keys.erase(principalOf(request, 'mem0', owner), owner);
      return { message: 'Entity deleted successfully.' };
    });
  }
}

async function usersOf(
  parts: DoorParts,
  request: FastifyRequest,
  from: number,
  size: number,
): Promise<{ readonly count: number; readonly users: readonly Known[] }> {
  const { users } = callerOf(request).grant;
  const principal = principalOf(request, 'mem0');
  if (users !== 'any') {
    const ordered = [...new Set(users)].sort(compareText).map((userId) => ({ userId }));
    return { count: ordered.length, users: ordered.slice(from, from + size) };
  }
  const found: Known[] = [];
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await partsOf(request, parts).warden.users(principal, {
      limit: STEP,
      ...(cursor === undefined ? {} : { cursor }),
    });
    page.users.forEach((user, i) => {
      if (count + i >= from && count + i < from + size) found.push(user);
    });
    count += page.users.length;
    ({ cursor } = page);
  } while (cursor !== undefined && (count <= COUNTED || count < from + size));
  return { count, users: found };
}

async function entityOf(parts: DoorParts, request: FastifyRequest, { userId, createdAt }: Known): Promise<object> {
  const at = createdAt?.toISOString() ?? null;
  const total_memories = await countOf(parts, request, userId);
  return {
    id: userId,
    name: userId,
    type: 'user',
    owner: null,
    metadata: null,
    created_at: at,
    updated_at: at,
    total_memories,
  };
}

// Null where the caller may list the user and not read what is kept of them.
async function countOf(parts: DoorParts, request: FastifyRequest, userId: string): Promise<number | null> {
  try {
    return await deskOf(parts, request, userId).memory.count();
  } catch (error) {
    if (isMemwardenError(error, 'forbidden')) return null;
    throw error;
  }
}

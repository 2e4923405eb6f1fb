import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { isList, isPlain } from '../memory/checked.js';

// Where routes name their user, as the rates of requests read it; whose memories are meant is told by `ownerOf`.
type Naming = Pick<FastifyContextConfig, 'userOf'>;

/** No name of a user is heeded. */
export const NOBODY: Naming = { userOf: null };
/** `user_id` in the query string. */
export const BY_QUERY: Naming = { userOf: ({ query }) => idIn({ ...(query as object) }) };
/** `user_id` in the body. */
export const BY_BODY: Naming = { userOf: ({ body }) => idIn(body) };
/** `user_id` in the body, or in its `filters`. */
export const BY_ADD: Naming = { userOf: ({ body }) => idIn(body) ?? idIn(filtersOf(body)) };
/** The equality on `user_id` at the top of `filters`, or in the `AND` that stands there. */
export const BY_FILTERS: Naming = { userOf: inFilters };
/** A user in the path, `/:type/:id/`. */
export const BY_ENTITY: Naming = {
  userOf({ params }) {
    const { type, id } = params as { readonly type?: unknown; readonly id?: unknown };
    return type === 'user' ? id : undefined;
  },
};

function inFilters({ body }: FastifyRequest): unknown {
  const filters = filtersOf(body);
  if (!isPlain(filters)) return undefined;
  const { AND: more } = filters;
  for (const place of [filters, ...(isList(more) ? more : [])]) {
    const found = idIn(place);
    if (found !== undefined) return isPlain(found) ? found['eq'] : found;
  }
  return undefined;
}

function filtersOf(body: unknown): unknown {
  return isPlain(body) ? body['filters'] : undefined;
}

// What clients do not say some of them send as null.
function idIn(place: unknown): unknown {
  return isPlain(place) ? (place['user_id'] ?? undefined) : undefined;
}

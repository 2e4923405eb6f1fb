import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DoorParts } from '../http/door.js';
import { categories, digits, entities, fields, filters, paging, read, readQuery } from './body.js';
import { isNewer } from './add.js';
import { linksOf } from './links.js';
import { BY_FILTERS, BY_QUERY } from './named-user.js';
import { Pages } from './pages.js';
import { filtered, listed, type Reading } from './reading.js';
import { viewsOf } from './view.js';

const day = z.string().optional();
const common = { fields, categories, start_date: day, end_date: day, keywords: z.string().min(1).optional() };
const listBody = z.strictObject({ ...common, ...paging, filters });
const pageQuery = z.strictObject(paging);
const listOf = z.union([z.string().transform((value) => [value]), z.array(z.string())]).optional();
const olderQuery = z.strictObject({
  ...common,
  ...entities,
  ...paging,
  fields: listOf,
  categories: listOf,
  limit: digits(1_000),
});
const EXTRAS = { refused: ['show_expired', 'enable_graph'], taken: ['latest_only'] };
const DEFAULT_SIZE = 100;

interface Wanted {
  readonly page?: number | undefined;
  readonly page_size?: number | undefined;
  readonly fields?: readonly string[] | undefined;
}

/** Getting all memories of a user, page by page. */
export function listing(app: FastifyInstance, parts: DoorParts): void {
  const views = async ({ desk, where }: Reading, page: number, size: number, wanted: Wanted['fields']) => {
    const found = await new Pages(desk.services).page(desk, where, page, size);
    const results = await viewsOf(desk.services.handles, found.memories, wanted);
    return { results, isMore: found.cursor !== undefined };
  };
  const paged = async (request: FastifyRequest, reading: Reading, wanted: Wanted) => {
    const { page = 1, page_size: size = DEFAULT_SIZE } = wanted;
    const { results, isMore } = await views(reading, page, size, wanted.fields);
    const count = await reading.desk.conditioned.count(reading.where);
    return { count, ...linksOf(request, page, size, isMore), results };
  };
  const asked = async (request: FastifyRequest) => {
    const body = read(listBody, request.body, EXTRAS);
    const query = readQuery(pageQuery, request);
    const wanted: Wanted = { ...body, ...query };
    return { wanted, reading: await filtered(parts, request, body.filters, body) };
  };

  app.post('/v3/memories/', { config: BY_FILTERS }, async (request) => {
    const { wanted, reading } = await asked(request);
    return paged(request, reading, wanted);
  });

  app.post('/v2/memories/', { config: BY_FILTERS }, async (request) => {
    const { wanted, reading } = await asked(request);
    if (wanted.page !== undefined && wanted.page_size !== undefined) return paged(request, reading, wanted);
    return (await views(reading, wanted.page ?? 1, wanted.page_size ?? DEFAULT_SIZE, wanted.fields)).results;
  });

  app.get('/v1/memories/', { config: BY_QUERY }, async (request) => {
    const query = readQuery(olderQuery, request, EXTRAS);
    const reading = await listed(parts, request, query, query);
    if (query.page !== undefined && query.page_size !== undefined) return paged(request, reading, query);
    const size = query.page_size ?? query.limit ?? DEFAULT_SIZE;
    const { results } = await views(reading, query.page ?? 1, size, query.fields);
    return isNewer({ ...(request.query as object) }) ? { results } : results;
  });
}

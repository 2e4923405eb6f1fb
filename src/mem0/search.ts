import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DoorParts } from '../http/door.js';
import { MAX_QUERY } from '../memory/limits.js';
import { isText } from '../model/text.js';
import { categories, entities, fields, filters, metadata, read, topK } from './body.js';
import { isNewer } from './add.js';
import { BY_BODY, BY_FILTERS } from './named-user.js';
import { filtered, listed, type Reading } from './reading.js';
import { pick, viewOf, type View } from './view.js';

const common = {
  query: z.custom<string>((value) => isText(value) && value !== '' && value.length <= MAX_QUERY),
  top_k: topK,
  threshold: z.number().min(0).max(1).optional(),
  fields,
  categories,
  metadata,
};
const searchBody = z.strictObject({ ...common, filters });
const olderBody = z.strictObject({ ...common, ...entities, limit: topK });
const EXTRAS = {
  refused: ['show_expired', 'enable_graph', 'only_metadata_based_search', 'reference_date', 'async_mode'],
  taken: ['rerank', 'latest_only', 'keyword_search', 'filter_memories'],
};
const DEFAULT_THRESHOLD = 0.1;
const DEFAULT_TOP_K = 10;

type Asked = Pick<z.output<typeof searchBody>, 'query' | 'top_k' | 'threshold' | 'fields'>;

/** Searching: what answers a query, and where that is less than was asked for the newest memories, with score 0. */
export function searching(app: FastifyInstance, parts: DoorParts): void {
  const search = async ({ desk, where }: Reading, asked: Asked): Promise<View[]> => {
    const { query, top_k: limit = DEFAULT_TOP_K, threshold: minScore = DEFAULT_THRESHOLD } = asked;
    const hits = await desk.conditioned.search(query, where, { limit, minScore, fill: 'recent' });
    const { handles } = desk.services;
    return Promise.all(
      hits.map(async ({ memory, score }) => pick({ ...(await viewOf(handles, memory)), score }, asked.fields)),
    );
  };
  const byFilters = async (request: FastifyRequest) => {
    const body = read(searchBody, request.body, EXTRAS);
    return search(await filtered(parts, request, body.filters, body), body);
  };

  app.post('/v3/memories/search/', { config: BY_FILTERS }, async (request) => ({ results: await byFilters(request) }));

  app.post('/v2/memories/search/', { config: BY_FILTERS }, byFilters);

  app.post('/v1/memories/search/', { config: BY_BODY }, async (request) => {
    const body = read(olderBody, request.body, EXTRAS);
    const reading = await listed(parts, request, body, body);
    const results = await search(reading, { ...body, top_k: body.top_k ?? body.limit });
    return isNewer(request.body) ? { results, relations: [] } : results;
  });
}

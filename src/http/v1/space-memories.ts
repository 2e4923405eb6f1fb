import { z } from 'zod';
import type { ChatMessage, MemoryOptions, NewMemory } from '../../memory/input.js';
import type { SearchOptions } from '../../memory/searching.js';
import type { ListOptions, Selection } from '../../memory/selection.js';
import { operation, type Operations } from './operation.js';
import { tagged } from './preconditions.js';
import { OF_WRITES } from './problems.js';
import { newBatch, newMemory, newMessages } from './schemas/memory.js';
import { searchBody } from './schemas/search.js';
import { deleteQuery, listBody, listQuery, selectionQuery } from './schemas/selection.js';
import { foundShared, sharedMemories, sharedMemory, sharedPage, space } from './schemas/space.js';
import { OF_SEARCHES } from './search.js';
import { ADDED, placeOf, written } from './space-writes.js';
import { BATCH_BYTES, deleted, DELETED, listed, listOf, STREAMED } from './together.js';

const PATH = '/v1/spaces/{space}/memories';
const page = listOf(sharedPage);

/** The memories of a shared space together: listing, counting, searching, adding, deleting. */
export const spaceMemoriesOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'listSharedMemories',
    method: 'GET',
    path: PATH,
    tag: 'spaces',
    summary: 'Lists what the principal may read in a space, newest first.',
    params: space,
    description: STREAMED,
    query: listQuery,
    answers: { 200: page },
    problems: ['invalid_cursor'],
    handle: (call) => listed(call, call.space, call.query as ListOptions),
  });

  operation(app, parts, {
    id: 'querySharedMemories',
    method: 'POST',
    path: `${PATH}/query`,
    tag: 'spaces',
    summary: 'The same, with the selection in the body, so that it stands in no address.',
    params: space,
    body: listBody,
    answers: { 200: page },
    problems: ['invalid_cursor'],
    handle: (call) => listed(call, call.space, call.body as ListOptions),
  });

  operation(app, parts, {
    id: 'countSharedMemories',
    method: 'GET',
    path: `${PATH}/count`,
    tag: 'spaces',
    summary: 'Counts what the principal may read in a space.',
    params: space,
    query: selectionQuery,
    answers: { 200: { description: 'How many.', schema: z.strictObject({ count: z.int().nonnegative() }) } },
    handle: async ({ space: shared, query }) => ({ count: await shared.count(query as Selection) }),
  });

  operation(app, parts, {
    id: 'searchSharedMemories',
    method: 'POST',
    path: `${PATH}/search`,
    tag: 'spaces',
    summary: 'The memories of a space that answer a query best.',
    params: space,
    body: searchBody,
    answers: { 200: { description: 'The hits, the best first.', schema: foundShared } },
    problems: OF_SEARCHES,
    async handle({ space: shared, body: { query, ...options } }) {
      return { hits: await shared.search(query, options as SearchOptions) };
    },
  });

  operation(app, parts, {
    id: 'addSharedMemory',
    method: 'POST',
    path: PATH,
    tag: 'spaces',
    summary: 'Adds a memory to a space, or the messages of a chat.',
    params: space,
    body: z.union([newMemory, newMessages]),
    idempotent: true,
    answers: { 201: { ...ADDED, schema: z.union([sharedMemory, sharedMemories]) } },
    problems: [...OF_WRITES, 'not_found', 'batch_too_large', 'conflict'],
    async handle(call) {
      const { body, space: shared, params, reply } = call;
      const { messages, ...options } = body as { readonly messages?: readonly ChatMessage[] };
      const added = await written(call, params.space, async () =>
        messages ? shared.add(messages, options as MemoryOptions) : [await shared.add(body as NewMemory)],
      );
      void reply.status(201);
      const [first] = added;
      if (messages || !first) return { memories: added };
      return tagged(reply.header('location', placeOf(first)), first);
    },
  });

  operation(app, parts, {
    id: 'addSharedMemories',
    method: 'POST',
    path: `${PATH}/batch`,
    bodyLimit: BATCH_BYTES,
    tag: 'spaces',
    summary: 'Adds up to 1,000 memories to a space: all of them or none.',
    params: space,
    body: newBatch,
    idempotent: true,
    answers: { 201: { description: 'What was added, in the order of the request.', schema: sharedMemories } },
    problems: [...OF_WRITES, 'not_found', 'batch_too_large', 'conflict'],
    async handle(call) {
      const { body, space: shared, params, reply } = call;
      const added = await written(call, params.space, () => shared.addMany(body.memories as NewMemory[]));
      void reply.status(201);
      return { memories: added };
    },
  });

  operation(app, parts, {
    id: 'deleteSharedMemories',
    method: 'DELETE',
    path: PATH,
    tag: 'spaces',
    summary:
      'Deletes what a selection names, or with `all=true` everything, of what the principal may read and delete in a space.',
    params: space,
    query: deleteQuery,
    idempotent: true,
    answers: { 200: DELETED },
    problems: ['empty_filter', 'conflict', 'erasing', 'epoch_over'],
    handle: (call) => deleted(call, call.space, call.query),
  });
};

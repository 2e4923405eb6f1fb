import { z } from 'zod';
import type { ChatMessage, MemoryOptions, NewMemory } from '../../memory/input.js';
import type { ListOptions, Selection } from '../../memory/selection.js';
import type { Memory } from '../../model/memory.js';
import { operation, type Operations } from './operation.js';
import { tagged } from './preconditions.js';
import { OF_WRITES } from './problems.js';
import { assertStill, present, writeOf, type AnyCall } from './replays.js';
import { memories, memory, memoryPage, newBatch, newMemory, newMessages, user } from './schemas/memory.js';
import { deleteQuery, listBody, listQuery, selectionQuery } from './schemas/selection.js';
import { BATCH_BYTES, deleted, DELETED, listed, listOf, STREAMED } from './together.js';

const PATH = '/v1/users/{user}/memories';
const CURSORS = ['invalid_cursor'] as const;
const page = listOf(memoryPage);

/** The memories of a user together: listing, counting, adding, deleting. */
export const memoriesOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'listMemories',
    method: 'GET',
    path: PATH,
    tag: 'memories',
    summary: 'Lists what the principal may read, newest first.',
    description: STREAMED,
    params: user,
    query: listQuery,
    answers: { 200: page },
    problems: CURSORS,
    handle: (call) => listed(call, call.memory, call.query as ListOptions),
  });

  operation(app, parts, {
    id: 'queryMemories',
    method: 'POST',
    path: `${PATH}/query`,
    tag: 'memories',
    summary: 'The same, with the selection in the body, so that it stands in no address.',
    params: user,
    body: listBody,
    answers: { 200: page },
    problems: CURSORS,
    handle: (call) => listed(call, call.memory, call.body as ListOptions),
  });

  operation(app, parts, {
    id: 'countMemories',
    method: 'GET',
    path: `${PATH}/count`,
    tag: 'memories',
    summary: 'Counts what the principal may read.',
    params: user,
    query: selectionQuery,
    answers: { 200: { description: 'How many.', schema: z.strictObject({ count: z.int().nonnegative() }) } },
    handle: async ({ memory, query }) => ({ count: await memory.count(query as Selection) }),
  });

  operation(app, parts, {
    id: 'addMemory',
    method: 'POST',
    path: PATH,
    tag: 'memories',
    summary: 'Adds a memory, or the messages of a chat.',
    description:
      'Of messages all are added or none. What the author may not read back is answered with id, owner and level alone.',
    params: user,
    body: z.union([newMemory, newMessages]),
    idempotent: true,
    answers: {
      201: {
        description: 'What was added.',
        schema: z.union([memory, memories]),
        headers: { Location: 'Where the memory is.', ETag: 'Its version.' },
      },
    },
    problems: [...OF_WRITES, 'batch_too_large'],
    handle: (call) => {
      const { body, memory } = call;
      if (!('messages' in body)) return addOne(call, body as NewMemory);
      const { messages, ...options } = body;
      return addMany(call, () => memory.add(messages as ChatMessage[], options as MemoryOptions));
    },
  });

  operation(app, parts, {
    id: 'addMemories',
    method: 'POST',
    path: `${PATH}/batch`,
    bodyLimit: BATCH_BYTES,
    tag: 'memories',
    summary: 'Adds up to 1,000 memories: all of them or none.',
    params: user,
    body: newBatch,
    idempotent: true,
    answers: { 201: { description: 'What was added, in the order of the request.', schema: memories } },
    problems: [...OF_WRITES, 'batch_too_large'],
    handle: (call) => addMany(call, () => call.memory.addMany(call.body.memories as NewMemory[])),
  });

  operation(app, parts, {
    id: 'deleteMemories',
    method: 'DELETE',
    path: PATH,
    tag: 'memories',
    summary:
      'Deletes what a selection names, or with `all=true` everything, of what the principal may read and delete.',
    params: user,
    query: deleteQuery,
    idempotent: true,
    answers: { 200: DELETED },
    problems: ['empty_filter', 'conflict', 'owner_key_required', 'erasing', 'epoch_over'],
    handle: (call) => deleted(call, call.memory, call.query),
  });
};

async function addOne(call: AnyCall, wanted: NewMemory): Promise<Memory> {
  const { reply, memory, idempotency } = call;
  const added = await idempotency.once<Memory>({
    ...writeOf(call),
    async run() {
      const answer = await memory.add(wanted);
      return { answer, kept: { ids: [answer.id] } };
    },
    replay({ ids: [id = ''] }) {
      assertStill(call, 'create');
      return present(call, id);
    },
  });
  const place = `/v1/users/${encodeURIComponent(memory.userId)}/memories/${added.id}`;
  return tagged(reply.status(201).header('location', place), added);
}

async function addMany(call: AnyCall, add: () => Promise<Memory[]>): Promise<{ memories: Memory[] }> {
  const added = await call.idempotency.once<Memory[]>({
    ...writeOf(call),
    async run() {
      const answer = await add();
      return { answer, kept: { ids: answer.map(({ id }) => id) } };
    },
    async replay({ ids }) {
      assertStill(call, 'create');
      const there: Memory[] = [];
      for (const id of ids) there.push(await present(call, id));
      return there;
    },
  });
  void call.reply.status(201);
  return { memories: added };
}

import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { MemoryChanges } from '../../memory/input.js';
import type { Memory } from '../../model/memory.js';
import { operation, type Operations } from './operation.js';
import { IF_MATCH, ifMatchOf, tagged, underVersion } from './preconditions.js';
import { OF_WRITES } from './problems.js';
import { assertStill, writeOf, type AnyCall } from './replays.js';
import { historyEntries, memory, memoryChanges, oneMemory } from './schemas/memory.js';

const PATH = '/v1/users/{user}/memories/{id}';
const ETAG = { ETag: 'The version of the memory, where the policy lets the caller see it.' };
const CHANGING = ['not_found', 'precondition_failed', 'conflict'] as const;

/** One memory by its id. */
export const memoryOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'getMemory',
    method: 'GET',
    path: PATH,
    tag: 'memories',
    summary: 'One memory.',
    params: oneMemory,
    answers: { 200: { description: 'The memory.', schema: memory, headers: ETAG } },
    problems: ['not_found'],
    handle: async (call) => tagged(call.reply, await there(call)),
  });

  operation(app, parts, {
    id: 'updateMemory',
    method: 'PATCH',
    path: PATH,
    tag: 'memories',
    summary: 'Changes a memory.',
    params: oneMemory,
    body: memoryChanges,
    headers: IF_MATCH,
    idempotent: true,
    answers: { 200: { description: 'The memory as it is now.', schema: memory, headers: ETAG } },
    problems: [...OF_WRITES, ...CHANGING],
    async handle(call) {
      const { reply, memory, params, body, request } = call;
      const ifVersion = ifMatchOf(request);
      const changes = { ...body, ...(ifVersion === undefined ? {} : { ifVersion }) } as MemoryChanges;
      const changed = await call.idempotency.once<Memory>({
        ...writeOf(call),
        async run() {
          const answer = await underVersion(ifVersion, () => memory.update(params.id, changes));
          return { answer, kept: { ids: [params.id] } };
        },
        async replay() {
          assertStill(call, 'update');
          return there(call);
        },
        assertThere: async () => void (await there(call)),
      });
      return tagged(reply, changed);
    },
  });

  operation(app, parts, {
    id: 'deleteMemory',
    method: 'DELETE',
    path: PATH,
    tag: 'memories',
    summary: 'Deletes a memory.',
    params: oneMemory,
    headers: IF_MATCH,
    idempotent: true,
    answers: { 204: { description: 'It is deleted.' } },
    problems: [...CHANGING, 'owner_key_required', 'erasing', 'epoch_over'],
    async handle(call) {
      const { reply, memory, params, request } = call;
      const ifVersion = ifMatchOf(request);
      await call.idempotency.once<undefined>({
        ...writeOf(call),
        async run() {
          await underVersion(ifVersion, () => memory.delete(params.id, ifVersion === undefined ? {} : { ifVersion }));
          return { answer: undefined, kept: { ids: [params.id] } };
        },
        replay() {
          assertStill(call, 'delete');
          return Promise.resolve(undefined);
        },
        assertThere: async () => void (await there(call)),
      });
      return reply.status(204).send();
    },
  });

  operation(app, parts, {
    id: 'getMemoryHistory',
    method: 'GET',
    path: `${PATH}/history`,
    tag: 'memories',
    summary: 'The changes of a memory that the principal may see, oldest first; of a deleted one without its content.',
    params: oneMemory,
    answers: { 200: { description: 'The changes.', schema: z.strictObject({ history: historyEntries }) } },
    problems: ['not_found'],
    handle: async ({ memory, params }) => ({ history: await memory.history(params.id) }),
  });
};

async function there({ memory, params }: AnyCall & { readonly params: { readonly id: string } }): Promise<Memory> {
  const found = await memory.get(params.id);
  if (!found) throw new MemwardenError('not_found');
  return found;
}

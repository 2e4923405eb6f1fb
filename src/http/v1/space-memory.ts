import { MemwardenError } from '../../errors/memwarden-error.js';
import type { MemoryChanges } from '../../memory/input.js';
import type { Explainable } from '../../memory/scoped-memory.js';
import type { SharedMemory } from '../../model/memory.js';
import { operation, type Operations } from './operation.js';
import { IF_MATCH, ifMatchOf, tagged, underVersion } from './preconditions.js';
import { OF_WRITES } from './problems.js';
import { assertStill, writeOf, type AnyCall } from './replays.js';
import { explainBody, explanation } from './schemas/explanation.js';
import { memoryChanges } from './schemas/memory.js';
import { oneShared, sharedHistory, sharedMemory, space } from './schemas/space.js';
import { ETAG } from './space-writes.js';

const PATH = '/v1/spaces/{space}/memories';
const CHANGING = ['not_found', 'precondition_failed', 'conflict'] as const;

/** One memory of a shared space: reading, changing, deleting, its history, and why a decision was made. */
export const spaceMemoryOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'getSharedMemory',
    method: 'GET',
    path: `${PATH}/{id}`,
    tag: 'spaces',
    summary: 'One memory of a space.',
    params: oneShared,
    answers: { 200: { description: 'The memory.', schema: sharedMemory, headers: ETAG } },
    problems: ['not_found'],
    handle: async (call) => tagged(call.reply, await there(call, call.params.id)),
  });

  operation(app, parts, {
    id: 'updateSharedMemory',
    method: 'PATCH',
    path: `${PATH}/{id}`,
    tag: 'spaces',
    summary: 'Changes a memory of a space.',
    params: oneShared,
    body: memoryChanges,
    headers: IF_MATCH,
    idempotent: true,
    answers: { 200: { description: 'The memory as it is now.', schema: sharedMemory, headers: ETAG } },
    problems: [...OF_WRITES, ...CHANGING],
    async handle(call) {
      const { reply, space: shared, params, body, request } = call;
      const ifVersion = ifMatchOf(request);
      const changes = { ...body, ...(ifVersion === undefined ? {} : { ifVersion }) } as MemoryChanges;
      const changed = await call.idempotency.once<SharedMemory>({
        ...writeOf(call),
        async run() {
          const answer = await underVersion(ifVersion, () => shared.update(params.id, changes));
          return { answer, kept: { ids: [params.id] } };
        },
        replay() {
          assertStill(call, 'update');
          return there(call, params.id);
        },
        assertThere: async () => void (await there(call, params.id)),
      });
      return tagged(reply, changed);
    },
  });

  operation(app, parts, {
    id: 'deleteSharedMemory',
    method: 'DELETE',
    path: `${PATH}/{id}`,
    tag: 'spaces',
    summary: 'Deletes a memory of a space.',
    params: oneShared,
    headers: IF_MATCH,
    idempotent: true,
    answers: { 204: { description: 'It is deleted.' } },
    problems: [...CHANGING, 'erasing', 'epoch_over'],
    async handle(call) {
      const { reply, space: shared, params, request } = call;
      const ifVersion = ifMatchOf(request);
      await call.idempotency.once<undefined>({
        ...writeOf(call),
        async run() {
          await underVersion(ifVersion, () => shared.delete(params.id, ifVersion === undefined ? {} : { ifVersion }));
          return { answer: undefined, kept: { ids: [params.id] } };
        },
        replay() {
          assertStill(call, 'delete');
          return Promise.resolve(undefined);
        },
        assertThere: async () => void (await there(call, params.id)),
      });
      return reply.status(204).send();
    },
  });

  operation(app, parts, {
    id: 'getSharedMemoryHistory',
    method: 'GET',
    path: `${PATH}/{id}/history`,
    tag: 'spaces',
    summary: 'The changes of a memory of a space that the principal may see, oldest first.',
    params: oneShared,
    answers: { 200: { description: 'The changes.', schema: sharedHistory } },
    problems: ['not_found'],
    handle: async ({ space: shared, params }) => ({ history: await shared.history(params.id) }),
  });

  operation(app, parts, {
    id: 'explainShared',
    method: 'POST',
    path: '/v1/spaces/{space}/explain',
    tag: 'spaces',
    summary: 'Why an action on a memory of a space is allowed or denied, by the policies and by the list.',
    params: space,
    body: explainBody,
    answers: { 200: { description: 'The decision.', schema: explanation } },
    problems: ['not_found'],
    handle({ space: shared, body: { id, record, action } }) {
      if ((id === undefined) === (record === undefined))
        throw new MemwardenError('invalid_argument', { argument: 'body.id' });
      return shared.explain(id ?? ({ record } as Explainable), action);
    },
  });
};

async function there({ space: shared }: AnyCall, id: string): Promise<SharedMemory> {
  const found = await shared.get(id);
  if (!found) throw new MemwardenError('not_found');
  return found;
}

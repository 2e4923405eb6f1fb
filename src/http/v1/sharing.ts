import { MemwardenError } from '../../errors/memwarden-error.js';
import { operation, type Operations } from './operation.js';
import { tagged } from './preconditions.js';
import { OF_WRITES } from './problems.js';
import { oneMemory } from './schemas/memory.js';
import { shareBody, sharedMemory } from './schemas/space.js';
import { ADDED, ETAG, placeOf, written } from './space-writes.js';

/** Between the memories of a user and those of a space: copying one there, and following a reference. */
export const sharingOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'shareMemory',
    method: 'POST',
    path: '/v1/users/{user}/memories/{id}/share',
    tag: 'spaces',
    summary: 'Copies a memory of a user into a space.',
    params: oneMemory,
    body: shareBody,
    idempotent: true,
    answers: { 201: { ...ADDED, description: 'The copy.', schema: sharedMemory } },
    problems: [...OF_WRITES, 'not_found', 'conflict'],
    async handle(call) {
      const { memory, params, body, reply } = call;
      const [copy] = await written(call, body.space, async () => [await memory.share(params.id, body.space)]);
      if (!copy) throw new MemwardenError('internal');
      return tagged(reply.status(201).header('location', placeOf(copy)), copy);
    },
  });

  operation(app, parts, {
    id: 'resolveShared',
    method: 'GET',
    path: '/v1/users/{user}/memories/{id}/shared',
    tag: 'spaces',
    summary: 'The shared memory that a memory refers to with `metadata.shared`, as the principal may read it now.',
    params: oneMemory,
    answers: { 200: { description: 'The memory.', schema: sharedMemory, headers: ETAG } },
    problems: ['not_found'],
    async handle({ memory, params, reply }) {
      const from = await memory.get(params.id);
      const found = from && (await memory.resolve(from));
      if (!found) throw new MemwardenError('not_found');
      return tagged(reply, found);
    },
  });
};

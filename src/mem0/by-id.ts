import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { DoorParts } from '../http/door.js';
import type { MemoryChanges } from '../memory/input.js';
import { lastDay, levelOf, metadata, read, readQuery, time } from './body.js';
import { historyView } from './history-view.js';
import { located } from './locate.js';
import { viewOf } from './view.js';

const changesBody = z.strictObject({
  text: z.string().optional(),
  metadata,
  timestamp: time.optional(),
  expiration_date: lastDay.nullish(),
});
const empty = z.strictObject({});
const deleteQuery = z.strictObject({ delete_linked: z.enum(['true', 'false', 'True', 'False']).optional() });

type WithId = { Params: { id: string } };

/** What is done to one memory, by its handle. */
export function byId(app: FastifyInstance, parts: DoorParts): void {
  app.get<WithId>('/v1/memories/:id/', (request) => {
    readQuery(empty, request);
    return located(parts, request, 'memory', request.params.id, async ({ memory, services: { handles } }, id) => {
      const found = await memory.get(id);
      if (!found) throw new MemwardenError('not_found');
      return viewOf(handles, found);
    });
  });

  app.put<WithId>('/v1/memories/:id/', (request) => {
    readQuery(empty, request);
    const changes = toChangesOf(request.body);
    return located(
      parts,
      request,
      'memory',
      request.params.id,
      async ({ memory, owner, services: { handles } }, id) => {
        const changed = await memory.update(id, changes);
        parts.webhooks?.tell(request, { type: 'memory_update', owner, ids: [id] });
        return viewOf(handles, changed);
      },
    );
  });

  app.delete<WithId>('/v1/memories/:id/', (request) => {
    const { delete_linked } = readQuery(deleteQuery, request);
    return located(parts, request, 'memory', request.params.id, async ({ memory, owner }, id) => {
      await memory.delete(id);
      parts.webhooks?.tell(request, { type: 'memory_delete', owner, ids: [id] });
      // Nothing takes the place of a memory here, so that none is linked to another.
      const cascade = delete_linked?.toLowerCase() === 'true' ? { cascade_count: 0 } : {};
      return { message: 'Memory deleted successfully!', ...cascade };
    });
  });

  app.get<WithId>('/v1/memories/:id/history/', (request) => {
    readQuery(empty, request);
    return located(parts, request, 'memory', request.params.id, async ({ memory, owner, services: { handles } }, id) =>
      historyView(handles, { owner, id }, await memory.history(id)),
    );
  });
}

/** The changes that a body asks for. @throws MemwardenError invalid_argument */
export function toChangesOf(body: unknown, argument = 'body'): MemoryChanges {
  const given = read(changesBody, body, { nullable: ['expiration_date'] }, argument);
  const { text, metadata: data, timestamp, expiration_date: expires } = given;
  const changes: MemoryChanges = {
    ...levelOf(data),
    ...(text === undefined ? {} : { content: text }),
    ...(data ? { metadata: data } : {}),
    ...(timestamp ? { occurredAt: timestamp } : {}),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  if (Object.keys(changes).length === 0) throw new MemwardenError('invalid_argument', { argument });
  return changes;
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { DoorParts } from '../http/door.js';
import { entities, readQuery } from './body.js';
import { deskOf, ownerOf } from './desk.js';
import { BY_QUERY } from './named-user.js';

const query = z.strictObject(entities);

/** Deleting all memories of one user, or those of an agent, an app or a run among them. */
export function deletingAll(app: FastifyInstance, parts: DoorParts): void {
  app.delete('/v1/memories/', { config: BY_QUERY }, async (request) => {
    const who = readQuery(query, request);
    // Clients send it bare where they were given nothing: that must never mean everything.
    if (who.user_id === undefined) throw new MemwardenError('empty_filter', { argument: 'user_id' });
    const { memory, owner } = deskOf(parts, request, ownerOf(request, who));
    const { agent_id, app_id, run_id } = who;
    const selection = {
      ...(agent_id === undefined ? {} : { agentId: agent_id }),
      ...(app_id === undefined ? {} : { appId: app_id }),
      ...(run_id === undefined ? {} : { sessionId: run_id }),
    };
    const narrowed = Object.keys(selection).length > 0;
    const deleted = narrowed ? await memory.deleteMany(selection) : await memory.deleteAll();
    if (deleted > 0) parts.webhooks?.tell(request, { type: 'memory_delete', owner, ids: [], deleted });
    return { message: 'Memories deleted successfully!', deleted };
  });
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { DoorParts } from '../http/door.js';
import type { WebhookEventType } from '../http/webhooks/webhooks.js';
import { isPlain } from '../memory/checked.js';
import type { MemoryChanges } from '../memory/input.js';
import { MAX_BATCH } from '../memory/limits.js';
import { read } from './body.js';
import { toChangesOf } from './by-id.js';
import { Done } from './done.js';
import { inTurns } from './in-turns.js';
import { located } from './locate.js';

const batchBody = z.strictObject({ memories: z.array(z.unknown()) });
const itemBody = z.strictObject({ memory_id: z.string().min(1) });

/**
 * Changing and deleting several memories. All of them are looked at first, so that a batch that names one which is not
 * there changes nothing; what somebody else does meanwhile can still end it half-way.
 */
export function batching(app: FastifyInstance, parts: DoorParts): void {
  const lookAt = (request: FastifyRequest, handle: string) =>
    located(parts, request, 'memory', handle, async ({ memory }, id) => {
      if (!(await memory.get(id))) throw new MemwardenError('not_found');
    });
  // Also of what was done before a batch ended half-way.
  const telling = async (request: FastifyRequest, type: WebhookEventType, act: (done: Done) => Promise<unknown>) => {
    const done = new Done();
    try {
      await act(done);
    } finally {
      done.tell(request, parts, type);
    }
  };

  app.put('/v1/batch/', async (request) => {
    const items = itemsOf(request.body).map(toItem);
    if (new Set(items.map(({ handle }) => handle)).size < items.length)
      throw new MemwardenError('invalid_argument', { argument: 'memories', allowed: 'each memory once' });
    await inTurns(items, ({ handle }) => lookAt(request, handle));
    await telling(request, 'memory_update', (done) =>
      inTurns(items, ({ handle, changes }) =>
        located(parts, request, 'memory', handle, async ({ memory, owner }, id) => {
          await memory.update(id, changes);
          done.add(owner, id);
        }),
      ),
    );
    return { message: `Successfully updated ${items.length} memories` };
  });

  app.delete('/v1/batch/', async (request) => {
    const named = itemsOf(request.body).map((item, i) => read(itemBody, item, {}, `memories.${i}`).memory_id);
    // What is named twice is deleted once.
    const handles = [...new Set(named)];
    await inTurns(handles, (handle) => lookAt(request, handle));
    await telling(request, 'memory_delete', (done) =>
      inTurns(handles, (handle) =>
        located(parts, request, 'memory', handle, async ({ memory, owner }, id) => {
          await memory.delete(id);
          done.add(owner, id);
        }),
      ),
    );
    return { message: `Successfully deleted ${handles.length} memories` };
  });
}

function toItem(item: unknown, i: number): { readonly handle: string; readonly changes: MemoryChanges } {
  const argument = `memories.${i}`;
  if (!isPlain(item)) throw new MemwardenError('invalid_argument', { argument });
  const { memory_id, ...rest } = item;
  const { memory_id: handle } = read(itemBody, { memory_id }, {}, argument);
  return { handle, changes: toChangesOf(rest, argument) };
}

function itemsOf(body: unknown): readonly unknown[] {
  const { memories } = read(batchBody, body);
  if (memories.length === 0) throw new MemwardenError('invalid_argument', { argument: 'memories' });
  if (memories.length > MAX_BATCH) throw new MemwardenError('batch_too_large');
  return memories;
}

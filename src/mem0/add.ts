import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, partsOf, type DoorParts } from '../http/door.js';
import { isList, isPlain } from '../memory/checked.js';
import type { ChatMessage, MemoryOptions } from '../memory/input.js';
import { MAX_BATCH } from '../memory/limits.js';
import { entities, filters, lastDay, levelOf, metadata, read, time } from './body.js';
import { deskOf, ownerOf, type Entities } from './desk.js';
import { Events } from './events.js';
import { BY_ADD } from './named-user.js';
import { addedView, type View } from './view.js';

const addBody = z.strictObject({
  ...entities,
  messages: z.unknown(),
  filters: filters.optional(),
  infer: z.boolean().optional(),
  metadata,
  timestamp: time.optional(),
  expiration_date: lastDay.optional(),
});
const named = z.strictObject(entities);
const message = z.strictObject({
  role: z.string(),
  content: z.string(),
  name: z.string().optional(),
  timestamp: time.optional(),
});
// What a model would have to do: there is none here.
const REFUSED = [
  'custom_categories',
  'custom_instructions',
  'agent_custom_instructions',
  'structured_data_schema',
  'includes',
  'excludes',
  'immutable',
  'enable_graph',
  'prompt_profile_id',
  'temporal_reasoning',
  'observation_date',
  'observation_datetime',
];
const EXTRAS = { refused: REFUSED, taken: ['async_mode', 'timezone'] };

interface Added {
  readonly results: readonly View[];
  readonly event_id: string;
}

/** Adding: each message is a memory, for there is no model that would infer others from them. */
export function adding(app: FastifyInstance, parts: DoorParts): void {
  const add = async (request: FastifyRequest): Promise<Added> => {
    const body = read(addBody, request.body, EXTRAS);
    const who = entitiesOf(body);
    const messages = messagesOf(body.messages);
    const options = optionsOf(body, who);
    const { owner, memory } = deskOf(parts, request, ownerOf(request, who));
    const { services } = partsOf(request, parts);
    const events = new Events(services);
    const added = await memory.add(messages, options);
    const ids = added.map(({ id }) => id);
    parts.webhooks?.tell(request, { type: 'memory_add', owner, ids });
    const event_id = await events.added(callerOf(request), owner, ids);
    return { event_id, results: await Promise.all(added.map((one) => addedView(services.handles, one))) };
  };

  app.post('/v3/memories/add/', { config: BY_ADD }, async (request) => {
    const { event_id, results } = await add(request);
    return { message: 'Memories are stored.', status: 'SUCCEEDED', event_id, results };
  });

  app.post('/v1/memories/', { config: BY_ADD }, async (request) => {
    const { results } = await add(request);
    return isNewer(request.body) ? { results, relations: [] } : results;
  });
}

/** Whether an older route is asked for an object in the place of a bare list. */
export function isNewer(given: unknown): boolean {
  return isPlain(given) && given['output_format'] === 'v1.1';
}

// The Python client's typed options put them into `filters`; said twice, two could be meant.
function entitiesOf(body: z.output<typeof addBody>): Entities {
  const { user_id, agent_id, app_id, run_id } = body;
  const given = { user_id, agent_id, app_id, run_id };
  if (!body.filters) return given;
  if (Object.values(given).some((id) => id !== undefined))
    throw new MemwardenError('invalid_argument', { argument: 'filters' });
  return read(named, body.filters, {}, 'filters');
}

function messagesOf(value: unknown): ChatMessage[] {
  const list = typeof value === 'string' ? [{ role: 'user', content: value }] : isPlain(value) ? [value] : value;
  if (!isList(list) || list.length === 0) throw new MemwardenError('invalid_argument', { argument: 'messages' });
  if (list.length > MAX_BATCH) throw new MemwardenError('batch_too_large');
  return list.map((one, i): ChatMessage => {
    if (isPlain(one) && typeof one['content'] === 'object' && one['content'] !== null)
      throw new MemwardenError('not_supported', { argument: 'messages.content of other kinds than text' });
    const { timestamp, name, ...rest } = read(message, one, {}, `messages.${i}`);
    return { ...rest, ...(name === undefined ? {} : { name }), ...(timestamp ? { timestamp } : {}) };
  });
}

function optionsOf(body: z.output<typeof addBody>, { agent_id, app_id, run_id }: Entities): MemoryOptions {
  return {
    ...levelOf(body.metadata),
    ...(agent_id === undefined ? {} : { agentId: agent_id }),
    ...(app_id === undefined ? {} : { appId: app_id }),
    ...(run_id === undefined ? {} : { sessionId: run_id }),
    ...(body.timestamp ? { occurredAt: body.timestamp } : {}),
    ...(body.expiration_date ? { expiresAt: body.expiration_date } : {}),
    ...(body.metadata ? { metadata: body.metadata } : {}),
  };
}

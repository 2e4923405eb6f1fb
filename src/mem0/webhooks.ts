import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { partsOf, type DoorParts } from '../http/door.js';
import { definedIn } from '../model/bare.js';
import { webhookRows } from '../model/credential-rows.js';
import { newId } from '../model/id.js';
import { namespaced, type Kept } from '../model/namespace.js';
import { newWebhookSecret } from '../http/webhooks/signature.js';
import { MOST_WEBHOOKS, SECRET_KIND, type WebhookRow } from '../http/webhooks/webhooks.js';
import { read } from './body.js';
import { ownProject, projectOf } from './project.js';
import { NOBODY } from './named-user.js';

const LISTED = 'an address of an origin that the operator of the server lists';
const FIELDS = {
  name: z.string().min(1).max(256),
  url: z.custom<string>(isAddress),
  event_types: z
    .array(z.enum(['memory_add', 'memory_update', 'memory_delete', 'memory_categorize']))
    .min(1)
    .max(4),
};
const newBody = z.strictObject(FIELDS);
const changedBody = z.strictObject({
  name: FIELDS.name.optional(),
  url: FIELDS.url.optional(),
  event_types: FIELDS.event_types.optional(),
});
const config = { missing: 'Webhook not found', ...NOBODY };

/**
 * Webhook settings of the caller's own project. They are inactive where the operator does not list their origin: then they
 * are kept, and nothing is delivered.
 */
export function webhooks(app: FastifyInstance, parts: DoorParts): void {
  const { webhooks: sending } = parts;
  const assertSendable = (url: string) => {
    if (sending ? !sending.allows(url) : new URL(url).protocol !== 'https:')
      throw new MemwardenError('invalid_argument', { argument: 'url', allowed: sending ? LISTED : 'an https address' });
  };
  const viewOf = (project: string, { key, value }: Pick<Kept<WebhookRow>, 'key' | 'value'>): object => {
    const { sealed, ...shown } = value;
    const is_active = sealed !== undefined && sending !== undefined && sending.allows(value.url);
    return { webhook_id: key, ...shown, project, owner: null, is_active };
  };
  const rowsOf = (request: FastifyRequest, project: string) => {
    const { values, clock } = partsOf(request, parts).services;
    return namespaced<WebhookRow>(values, webhookRows(project), clock);
  };
  const nowOf = (request: FastifyRequest) => partsOf(request, parts).services.clock().toISOString();
  type ByProject = { Params: { project: string } };
  type ById = { Params: { webhook: string } };

  app.get<ByProject>('/api/v1/webhooks/projects/:project/', { config }, async (request) => {
    const project = await ownProject(request, parts, request.params.project);
    return (await rowsOf(request, project).list(MOST_WEBHOOKS)).map((row) => viewOf(project, row));
  });

  app.post<ByProject>('/api/v1/webhooks/projects/:project/', { config }, async (request, reply) => {
    const body = read(newBody, request.body, { taken: ['is_active'] });
    assertSendable(body.url);
    const project = await ownProject(request, parts, request.params.project);
    const rows = rowsOf(request, project);
    if ((await rows.list(MOST_WEBHOOKS)).length === MOST_WEBHOOKS) throw new MemwardenError('batch_too_large');
    const now = nowOf(request);
    const key = newId();
    const secret = newWebhookSecret();
    const { handles } = partsOf(request, parts).services;
    const sealed = await handles.seal(SECRET_KIND, { owner: key, id: secret });
    const value: WebhookRow = { ...body, created_at: now, updated_at: now, sealed };
    await rows.insert(key, value);
    void reply.status(201);
    // The only time that it is told.
    return { ...viewOf(project, { key, value }), secret };
  });

  app.put<ById>('/api/v1/webhooks/:webhook/', { config }, async (request) => {
    const changes = read(changedBody, request.body);
    if (Object.keys(changes).length === 0) throw new MemwardenError('invalid_argument', { argument: 'body' });
    if (changes.url !== undefined) assertSendable(changes.url);
    const rows = rowsOf(request, await projectOf(request, parts));
    const found = await rows.get(keyOf(request.params.webhook));
    if (!found) throw new MemwardenError('not_found');
    const row: WebhookRow = { ...found.value, ...definedIn(changes), updated_at: nowOf(request) };
    if (!(await rows.replace(found, row))) throw new MemwardenError('conflict');
    return { message: 'Webhook updated successfully' };
  });

  app.delete<ById>('/api/v1/webhooks/:webhook/', { config }, async (request) => {
    if (!(await rowsOf(request, await projectOf(request, parts)).remove(keyOf(request.params.webhook))))
      throw new MemwardenError('not_found');
    return { message: 'Webhook deleted successfully' };
  });
}

// Ids are made here: what is none names nothing, and is no key.
function keyOf(id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new MemwardenError('not_found');
  return id;
}

// With no password in it.
function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2_048 || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, partsOf, type DoorParts } from '../http/door.js';
import { isPlain } from '../memory/checked.js';
import { PROJECT_ROWS, projectParts } from '../model/credential-rows.js';
import { namespaced } from '../model/namespace.js';
import { read, readQuery } from './body.js';
import { NOBODY } from './named-user.js';

/** The one organisation. */
export const ORGANISATION = 'memwarden';

const MISSING = 'Organization or project not found';
const PATH = '/api/v1/orgs/organizations/:organisation/projects/:project/';
const LONGEST = 16_384;
const ATTEMPTS = 5;
const words = z.string().optional();
const settingsBody = z.strictObject({
  name: words,
  description: words,
  custom_instructions: z.union([z.string(), z.array(z.string())]).optional(),
  agent_custom_instructions: words,
  custom_categories: z.array(z.custom<Record<string, unknown>>(isPlain)).optional(),
  memory_depth: words,
  usecase_setting: z.union([z.string(), z.number()]).optional(),
  multilingual: z.boolean().optional(),
  decay: z.boolean().optional(),
});
const fieldsQuery = z.strictObject({
  fields: z.union([z.string().transform((value) => [value]), z.array(z.string())]).optional(),
});

type Settings = Readonly<Record<string, unknown>>;
interface Params {
  readonly organisation: string;
  readonly project: string;
}

/** The project of the caller. */
export function projectOf(request: FastifyRequest, parts: DoorParts): Promise<string> {
  return partsOf(request, parts).services.nameOf(...projectParts(callerOf(request)));
}

/**
 * Who asks, where a route names a project.
 *
 * @throws MemwardenError not_found where it is not the caller's own
 */
export async function ownProject(request: FastifyRequest, parts: DoorParts, project: string): Promise<string> {
  const own = await projectOf(request, parts);
  if (project !== own) throw new MemwardenError('not_found');
  return own;
}

/** `ping`, which tells clients their project, and the project's settings: kept, and without effect here. */
export function projects(app: FastifyInstance, parts: DoorParts): void {
  const keptOf = (request: FastifyRequest) => {
    const { values, clock } = partsOf(request, parts).services;
    return namespaced<Settings>(values, PROJECT_ROWS, clock);
  };
  const config = { missing: MISSING, ...NOBODY };
  const own = (request: FastifyRequest, { organisation, project }: Params) => {
    if (organisation !== ORGANISATION) throw new MemwardenError('not_found');
    return ownProject(request, parts, project);
  };

  app.get('/v1/ping/', { config: NOBODY }, async (request) => {
    const project = await projectOf(request, parts);
    // No address: the clients would hand one on to their makers.
    return { status: 'ok', org_id: ORGANISATION, project_id: project, user_email: project };
  });

  app.get<{ Params: Params }>(PATH, { config }, async (request) => {
    const { fields } = readQuery(fieldsQuery, request);
    const project = await own(request, request.params);
    const found = await keptOf(request).get(project);
    const all: Settings = { ...(found?.value ?? {}), project_id: project };
    return fields ? Object.fromEntries(fields.map((field) => [field, ownOf(all, field)])) : all;
  });

  app.patch<{ Params: Params }>(PATH, { config }, async (request) => {
    const changes = read(settingsBody, request.body, { refused: ['enable_graph'] });
    if (Object.keys(changes).length === 0) throw new MemwardenError('invalid_argument', { argument: 'body' });
    const project = await own(request, request.params);
    const kept = keptOf(request);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const found = await kept.get(project);
      const next = { ...(found?.value ?? {}), ...changes };
      if (JSON.stringify(next).length > LONGEST)
        throw new MemwardenError('body_too_large', { limit: LONGEST, of: 'characters' });
      if (found ? await kept.replace(found, next) : await kept.insert(project, next))
        return { message: 'Project settings are kept; they change nothing here.', ...next };
    }
    throw new MemwardenError('conflict');
  });
}

function ownOf(settings: Settings, field: string): unknown {
  return Object.hasOwn(settings, field) ? settings[field] : null;
}

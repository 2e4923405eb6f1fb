import type { FastifyInstance } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import { NOBODY } from './named-user.js';

/** Routes of mem0's that are not here; docs/mem0.md says why of each. */
export const UNSUPPORTED = [
  ['GET', '/v2/entities/:type/:id/'],
  ['GET', '/v2/entities/user/:id/profile/'],
  ['POST', '/v2/profiles/jobs/'],
  ['GET', '/v2/profiles/jobs/:job/'],
  ['GET', '/v2/profiles/settings/'],
  ['POST', '/v2/profiles/settings/'],
  ['GET', '/v1/entities/filters/'],
  ['GET', '/v1/memories/events/'],
  ['POST', '/v1/summary/'],
  ['GET', '/v1/stats/'],
  ['POST', '/v1/users/'],
  ['POST', '/v1/agents/'],
  ['POST', '/v1/apps/'],
  ['POST', '/v1/runs/'],
  ['GET', '/api/v1/orgs/organizations/'],
  ['POST', '/api/v1/orgs/organizations/'],
  ['GET', '/api/v1/orgs/organizations/:organisation/'],
  ['DELETE', '/api/v1/orgs/organizations/:organisation/'],
  ['GET', '/api/v1/orgs/organizations/:organisation/projects/'],
  ['POST', '/api/v1/orgs/organizations/:organisation/projects/'],
  ['DELETE', '/api/v1/orgs/organizations/:organisation/projects/:project/'],
  ['GET', '/api/v1/orgs/organizations/:organisation/projects/:project/members/'],
  ['POST', '/api/v1/orgs/organizations/:organisation/projects/:project/members/'],
  ['PUT', '/api/v1/orgs/organizations/:organisation/projects/:project/members/'],
  ['DELETE', '/api/v1/orgs/organizations/:organisation/projects/:project/members/'],
] as const;

/** Says of each that it is not supported, so that nobody takes it for a typing error. */
export function refusing(app: FastifyInstance): void {
  for (const [method, url] of UNSUPPORTED)
    app.route({
      method,
      url,
      config: NOBODY,
      handler: () => {
        throw new MemwardenError('not_supported', { argument: `${method} ${url}` });
      },
    });
}

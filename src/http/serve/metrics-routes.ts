import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { principalOf, requireCaller, type DoorParts } from '../door.js';

/** `/metrics` on the port of the server, for a credential that may look at the audit log; each look is on record. */
export async function serveMetrics(app: FastifyInstance, parts: DoorParts, registry: Registry): Promise<void> {
  await app.register((own, _options, done) => {
    requireCaller(own, parts);
    own.get('/metrics', async (request, reply) => {
      await parts.warden.audit(principalOf(request, 'http')).metrics();
      return reply.type(registry.contentType).send(await registry.metrics());
    });
    done();
  });
}

/** A server for `/metrics` alone, on a port of loopback; not yet listening. */
export function metricsServer(registry: Registry): FastifyInstance {
  const app = Fastify({ forceCloseConnections: true });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  return app;
}

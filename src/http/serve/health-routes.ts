import type { FastifyInstance } from 'fastify';
import type { ReadinessProbe } from './readiness.js';

/** `/healthz`: the process answers. `/readyz`: it can serve; else 503, and which part cannot. Neither needs a credential. */
export function serveHealth(app: FastifyInstance, readiness: ReadinessProbe): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const answer = await readiness.ask();
    return reply.status(answer.ready ? 200 : 503).send(answer);
  });
}

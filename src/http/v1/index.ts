import type { FastifyInstance } from 'fastify';
import { exportDeskOf } from '../../internals.js';
import { requireCaller, type DoorParts, type DoorPlugin } from '../door.js';
import { Idempotency } from '../idempotency.js';
import { Jobs } from '../jobs.js';
import { sendProblem } from '../problem.js';
import { described } from './document.js';
import { toV1Error } from './errors.js';
import { sweepFolder } from './export-folder.js';
import { addOperations } from './operations.js';

/** The HTTP API, version 1, with its description at `/openapi.json`. */
export const v1: DoorPlugin = async (app, parts) => {
  await described(app);
  app.get('/openapi.json', { schema: { hide: true } as object }, () => app.swagger());
  await app.register((instance, _options, done) => {
    routes(instance, parts);
    done();
  });
};

function routes(app: FastifyInstance, parts: DoorParts): void {
  const { values, clock, idempotencyKey } = parts.services;
  requireCaller(app, parts);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendProblem(toV1Error(error), request, reply));
  const jobs = new Jobs(values, clock, idempotencyKey);
  const desk = exportDeskOf(parts.warden);
  app.addHook('onReady', () => sweepFolder(desk.folder, jobs));
  app.addHook('onClose', () => jobs.close());
  const idempotency = new Idempotency(values, clock, idempotencyKey);
  addOperations(app, { ...parts, idempotency, jobs, desk });
}

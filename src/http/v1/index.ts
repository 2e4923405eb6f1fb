import type { FastifyInstance } from 'fastify';
import { requireCaller, type DoorParts, type DoorPlugin } from '../door.js';
import { Idempotency } from '../idempotency.js';
import { sendProblem } from '../problem.js';
import { toV1Error } from './errors.js';
import { memoriesOperations } from './memories.js';
import { memoryOperations } from './memory.js';
import type { Operations } from './operation.js';
import { described } from './document.js';

const OPERATIONS: readonly Operations[] = [memoriesOperations, memoryOperations];

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
  // Answers are what the guard released; their schemas describe them, and tests hold the two together.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  app.setErrorHandler((error, request, reply) => sendProblem(toV1Error(error), request, reply));
  const v1Parts = { ...parts, idempotency: new Idempotency(values, clock, idempotencyKey) };
  for (const add of OPERATIONS) add(app, v1Parts);
}

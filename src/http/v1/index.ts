import type { FastifyInstance } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import { exportDeskOf } from '../../internals.js';
import { requireCaller, type DoorParts, type DoorPlugin } from '../door.js';
import { Idempotency } from '../idempotency.js';
import { Jobs } from '../jobs.js';
import { sendProblem } from '../problem.js';
import { described } from './document.js';
import { toV1Error } from './errors.js';
import { sweepFolder } from './export-folder.js';
import { PAGE_POLICY, pageOf } from './page.js';
import { addOperations } from './operations.js';

const HIDDEN = { schema: { hide: true } as object };

/** The HTTP API, version 1, with its description at `/openapi.json` and `/docs`. */
export const v1: DoorPlugin = async (app, parts) => {
  await described(app);
  // Made once, when it is first asked for.
  let made: { readonly document: OpenAPIV3_1.Document; readonly page: string } | undefined;
  const description = () => {
    const document = app.swagger() as OpenAPIV3_1.Document;
    return (made ??= { document, page: pageOf(document) });
  };
  app.get('/openapi.json', HIDDEN, () => description().document);
  app.get('/docs', HIDDEN, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(description().page),
  );
  await app.register((instance, _options, done) => {
    routes(instance, parts);
    done();
  });
};

const SWEEP_MS = 60_000;

function routes(app: FastifyInstance, parts: DoorParts): void {
  const { values, clock, idempotencyKey } = parts.services;
  requireCaller(app, parts);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendProblem(toV1Error(error), request, reply));
  const jobs = new Jobs(values, clock, idempotencyKey);
  const desk = exportDeskOf(parts.warden);
  let sweeping: NodeJS.Timeout | undefined;
  app.addHook('onReady', async () => {
    await sweepFolder(desk.folder, jobs);
    // What another process leaves when it dies is found a little later.
    sweeping = setInterval(() => void sweepFolder(desk.folder, jobs).catch(() => undefined), SWEEP_MS).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(sweeping);
    await jobs.close();
  });
  const idempotency = new Idempotency(values, clock, idempotencyKey);
  addOperations(app, { ...parts, idempotency, jobs, desk });
}

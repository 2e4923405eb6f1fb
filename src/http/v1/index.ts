import type { FastifyInstance } from 'fastify';
import type { OpenAPIV3_1 } from 'openapi-types';
import { exportDeskOf } from '../../internals.js';
import type { Warden } from '../../warden.js';
import { partsOf, requireCaller, type DoorParts, type DoorPlugin } from '../door.js';
import { Idempotency } from '../idempotency.js';
import { Jobs } from '../jobs.js';
import { sendProblem } from '../problem.js';
import { described } from './document.js';
import { ExportSlots } from './export-slots.js';
import { toV1Error } from './errors.js';
import { sweepFolder } from './export-folder.js';
import { PAGE_POLICY, pageOf } from './page.js';
import type { V1Parts } from './operation.js';
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
  requireCaller(app, parts);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendProblem(toV1Error(error), request, reply));
  const made = new WeakMap<Warden, V1Parts>();
  const slots = new ExportSlots();
  const partsFor = (own: DoorParts): V1Parts => {
    const known = made.get(own.warden) ?? v1Parts(own, slots);
    made.set(own.warden, known);
    return known;
  };
  const inUse = async () => ((await parts.tenancy?.opened()) ?? [parts]).map(partsFor);
  const sweep = async () => {
    for (const { desk, jobs } of await inUse()) await sweepFolder(desk.folder, jobs);
  };
  let sweeping: NodeJS.Timeout | undefined;
  app.addHook('onReady', async () => {
    await sweep();
    // What another process leaves when it dies is found a little later.
    sweeping = setInterval(() => void sweep().catch(() => undefined), SWEEP_MS).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(sweeping);
    await Promise.all((await inUse()).map(({ jobs }) => jobs.close()));
  });
  addOperations(app, (request) => partsFor(partsOf(request, parts)));
}

function v1Parts(parts: DoorParts, exportSlots: ExportSlots): V1Parts {
  const { values, clock, idempotencyKey } = parts.services;
  const jobs = new Jobs(values, clock, idempotencyKey, parts.hold);
  const idempotency = new Idempotency(values, clock, idempotencyKey);
  return { ...parts, idempotency, jobs, desk: exportDeskOf(parts.warden), exportSlots };
}

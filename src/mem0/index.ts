import type { FastifyRequest } from 'fastify';
import { requireCaller, type DoorPlugin } from '../http/door.js';
import { adding } from './add.js';
import { sendError } from './answer.js';
import { batching } from './batch.js';
import { byId } from './by-id.js';
import { deletingAll } from './delete-all.js';
import { entitying } from './entities.js';
import { telling } from './events.js';
import { exporting } from './exports.js';
import { feedbacking } from './feedback.js';
import { listing } from './list.js';
import { projects } from './project.js';
import { searching } from './search.js';
import { refusing } from './unsupported.js';
import { webhooks } from './webhooks.js';

/** mem0's HTTP interface, so that its published clients work with host and key changed alone. docs/mem0.md describes it. */
export const mem0: DoorPlugin = (app, parts) => {
  requireCaller(app, parts);
  app.setErrorHandler(sendError);
  // The JavaScript client names a kind of body also where it sends none.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (request.method === 'DELETE' && Number(request.headers['content-length'] ?? 0) === 0 && !isStreamed(request))
      delete request.headers['content-type'];
    done(null, payload);
  });
  projects(app, parts);
  adding(app, parts);
  searching(app, parts);
  listing(app, parts);
  byId(app, parts);
  deletingAll(app, parts);
  batching(app, parts);
  entitying(app, parts);
  telling(app, parts);
  exporting(app, parts);
  feedbacking(app, parts);
  webhooks(app, parts);
  refusing(app);
};

function isStreamed({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined;
}

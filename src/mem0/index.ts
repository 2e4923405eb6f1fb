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
  requireCaller(app, parts, 'mem0');
  app.setErrorHandler(sendError);
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

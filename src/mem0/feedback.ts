import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { DoorParts } from '../http/door.js';
import { FEEDBACK_ROWS, feedbackKey } from '../model/credential-rows.js';
import { namespaced } from '../model/namespace.js';
import { read } from './body.js';
import { located } from './locate.js';
import { projectOf } from './project.js';

interface FeedbackRow {
  readonly feedback: string | null;
  readonly at: string;
}

const LIFETIME_MS = 90 * 86_400_000;
const body = z.strictObject({
  memory_id: z.string().min(1),
  feedback: z.enum(['POSITIVE', 'NEGATIVE', 'VERY_NEGATIVE']).optional(),
});

/**
 * Feedback on memories that the caller may read. Kept for 90 days, by the memory's id; a reason is not kept, for it is
 * text that may quote the memory.
 */
export function feedbacking(app: FastifyInstance, parts: DoorParts): void {
  app.post('/v1/feedback/', async (request) => {
    const { memory_id, feedback = null } = read(body, request.body, { taken: ['feedback_reason'] });
    await located(parts, request, 'memory', memory_id, async ({ memory, services: { values, clock } }, id) => {
      if (!(await memory.get(id))) throw new MemwardenError('not_found');
      const rows = namespaced<FeedbackRow>(values, FEEDBACK_ROWS, clock);
      const now = clock();
      const key = feedbackKey(id, await projectOf(request, parts));
      const row = { feedback, at: now.toISOString() };
      const expires = new Date(now.getTime() + LIFETIME_MS);
      const kept = await rows.get(key);
      if (kept) await rows.replace(kept, row, expires);
      else await rows.insert(key, row, expires);
    });
    return { message: 'Feedback is kept.', id: memory_id, feedback, feedback_reason: null };
  });
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { toKnown } from '../http/problem.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route of mem0's says where there is nothing; the same whatever the reason is. */
    missing?: string;
  }
}

const MISSING = 'Memory not found!';
const TOLD_AS_DETAIL: ReadonlySet<number> = new Set([401, 403, 408, 429, 500, 502, 503, 504]);

/** Answers an error as mem0's clients read it: `detail` where it is about the caller or the server, else `error`. */
export async function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const known = toKnown(error);
  const { code, status, message, remedy } = known;
  const about = Object.keys(known.detail).length === 0 ? {} : { about: known.detail };
  if (status === 429 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  if (status === 404) {
    // Nothing of why: absent and forbidden are the same bytes (G6).
    await reply.status(404).send({ error: request.routeOptions.config.missing ?? MISSING, code: 'not_found' });
    return;
  }
  const text = `${message} ${remedy.replaceAll('`detail.', '`about.')}`;
  const body = TOLD_AS_DETAIL.has(status) ? { detail: text } : { error: text };
  await reply.status(status).send({ ...body, code, ...about });
}

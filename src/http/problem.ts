import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { MemwardenError } from '../errors/memwarden-error.js';
import { ERRORS } from '../errors/table.js';

/** An error as RFC 9457 tells it, with the code of the error table. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** Any error as one of the table; what fastify or its parsers threw says nothing of the request's content. */
export function toKnown(error: unknown): MemwardenError {
  if (error instanceof MemwardenError) return error;
  const { statusCode = 500, code = '' } = error as Partial<FastifyError>;
  if (statusCode === 413) return new MemwardenError('body_too_large');
  if (statusCode === 415) return new MemwardenError('unsupported_media_type');
  if (statusCode === 408) return new MemwardenError('request_timeout');
  if (statusCode === 429) return new MemwardenError('rate_limited');
  if (statusCode >= 400 && statusCode < 500) {
    const reason = /^FST_[A-Z_]+$/.test(code) ? code : 'malformed';
    return new MemwardenError('request_malformed', { reason });
  }
  return new MemwardenError('internal');
}

/** The body of an answer for an error. */
export function toProblem(error: MemwardenError): Problem {
  const { status, message, remedy } = ERRORS[error.code];
  return {
    type: `urn:memwarden:error:${error.code}`,
    title: message,
    status,
    code: error.code,
    // What the table calls the detail of an error stands here under `about`.
    detail: remedy.replaceAll('`detail.', '`about.'),
    ...(Object.keys(error.detail).length === 0 ? {} : { about: error.detail }),
  };
}

/** Answers with problem+json. */
export async function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const known = toKnown(error);
  const { bodyLimit } = request.routeOptions;
  // What fastify counted is bytes; what was counted here says itself what of.
  const isByFastify = known.code === 'body_too_large' && known.detail['limit'] === undefined;
  const told = isByFastify ? new MemwardenError(known.code, { limit: bodyLimit, of: 'bytes' }) : known;
  const problem = toProblem(told);
  await reply.status(problem.status).type('application/problem+json').send(problem);
}

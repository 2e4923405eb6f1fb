import type { Writable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pino, type Logger } from 'pino';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Observer } from '../server.js';
import { routeOf } from './route.js';
import { traceIdOf } from './tracing.js';

// A second line of defence: nothing below writes any of these.
const REDACTED = ['authorization', 'cookie', 'set-cookie', 'x-api-key', 'headers', 'body', 'query', 'url', 'content'];

/** A log of JSON lines. Nothing of a request is in it but its method, the template of its route, and what became of it. */
export function openLog(level: string, stream: Writable): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
      serializers: { err: toLine },
    },
    stream,
  );
}

/** Logs every request when its answer has ended, or the client has gone. */
export function logging(log: Logger): Observer {
  return (request, reply) => {
    reply.raw.once('close', () => {
      const became = reply.raw.writableFinished ? { status: reply.statusCode } : { aborted: true };
      log.info({ ...about(request), ...became, ms: Math.round(reply.elapsedTime) }, 'request');
    });
  };
}

/** Logs what failed inside. */
export function logFailures(app: FastifyInstance, log: Logger): void {
  app.addHook('onError', (request, _reply, error, done) => {
    if (!(error instanceof MemwardenError) && (error.statusCode ?? 500) >= 500)
      log.error({ ...about(request), err: error }, 'request failed');
    done();
  });
}

function about(request: FastifyRequest): Record<string, unknown> {
  const trace = traceIdOf(request);
  return { request: request.id, method: request.method, route: routeOf(request), ...(trace ? { trace } : {}) };
}

// A message may quote what was sent; where it came from does not.
function toLine(error: unknown): object {
  if (error instanceof MemwardenError) return error.toJSON();
  const { name, code, stack = '' } = error as Error & { code?: unknown };
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return { name, ...(typeof code === 'string' ? { code } : {}), stack: frames.slice(0, 12).join('\n') };
}

import type { ServerOptions } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { DEFAULT_LIMITS, type HttpLimits } from '../config/serve/limits.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { newId } from '../model/id.js';
import { AllowedMethods } from './allowed-methods.js';
import { onClientError } from './client-error.js';
import type { DoorParts, DoorPlugin } from './door.js';
import { takeJson } from './json-body.js';
import { sendProblem } from './problem.js';
import { REQUEST_ID, SECURITY_HEADERS } from './security-headers.js';
import { endUnread } from './unread-answers.js';

/** Sees a request, and by its answer what becomes of it. */
export type Observer = (request: FastifyRequest, reply: FastifyReply) => void;

/** What a server can be told beside its doors. */
export interface HttpOptions {
  readonly limits?: HttpLimits;
  /** Certificate and key; plain HTTP without them. */
  readonly tls?: Pick<ServerOptions, 'cert' | 'key' | 'minVersion'>;
  /** Whether one proxy stands before it, whose `X-Forwarded-For` is believed. */
  readonly behindProxy?: boolean;
  /** Sees every request that was one, before anything is done about it. */
  readonly observe?: Observer;
  /** Adds hooks and routes of the server's own, before any door. */
  readonly prepare?: (app: FastifyInstance) => Promise<void> | void;
}

// 256 code points of four bytes, each byte written out.
const LONGEST_PARAMETER = 256 * 4 * 3;

/**
 * The server with its doors, not yet listening.
 *
 * @param doors registered in their order, each in an instance of its own
 */
export async function buildServer(
  parts: DoorParts,
  doors: readonly DoorPlugin[],
  options: HttpOptions = {},
): Promise<FastifyInstance> {
  const { limits = DEFAULT_LIMITS, observe, prepare } = options;
  const app = instance(options, limits);
  app.server.maxConnections = limits.maxConnections;
  endUnread(app.server, limits.answerTimeoutMs);
  const allowed = new AllowedMethods(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  takeJson(app, limits.jsonDepth);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', (request, reply, done) => {
    mark(request, reply);
    observe?.(request, reply);
    done(hostsOf(request) === 1 ? undefined : new MemwardenError('request_malformed', { reason: 'not one Host' }));
  });
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) => {
    const methods = allowed.at(request.url);
    if (methods.length === 0) return sendProblem(new MemwardenError('route_not_found'), request, reply);
    void reply.header('allow', methods.join(', '));
    return sendProblem(new MemwardenError('method_not_allowed'), request, reply);
  });
  if (prepare) await prepare(app);
  for (const door of doors) await app.register(async (own) => door(own, parts));
  return app;
}

function instance(options: HttpOptions, limits: HttpLimits): FastifyInstance {
  const { tls, behindProxy = false, observe } = options;
  const { headersTimeoutMs, requestTimeoutMs } = limits;
  const http = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // How late a time-out may be noticed.
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(headersTimeoutMs / 4)),
    insecureHTTPParser: false,
    // Told as a problem in its place.
    requireHostHeader: false,
  };
  const app = Fastify({
    ...(tls ? { https: { ...http, ...tls } } : { http }),
    // What fastify would log quotes addresses; `serve/log.ts` writes the lines of requests.
    logger: false,
    genReqId: () => newId(),
    requestIdHeader: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    trustProxy: behindProxy ? (_address, hop) => hop === 0 : false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    forceCloseConnections: 'idle',
    // A request that came in is answered, also while the server goes down.
    return503OnClosing: false,
    clientErrorHandler: onClientError,
    frameworkErrors(error, request, reply) {
      mark(request, reply);
      observe?.(request, reply);
      void sendProblem(error, request, reply);
    },
  });
  return app;
}

const HOST = 'host';
const MARKS = Object.entries(SECURITY_HEADERS);

// On the answer itself, so that it stands also on what a door writes past fastify.
function mark(request: FastifyRequest, { raw }: FastifyReply): void {
  for (const [name, value] of MARKS) raw.setHeader(name, value);
  raw.setHeader(REQUEST_ID, request.id);
}

// Where two stand, whoever routes by it may have read the other.
function hostsOf({ raw }: FastifyRequest): number {
  if (raw.httpVersion === '1.0') return 1;
  const { rawHeaders } = raw;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === HOST.length && rawHeaders[i]?.toLowerCase() === HOST) hosts += 1;
  return hosts;
}

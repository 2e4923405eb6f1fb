import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, HTTPMethods } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ErrorCode } from '../../errors/table.js';
import { MAX_BATCH } from '../../memory/limits.js';
import type { ScopedMemory } from '../../memory/scoped-memory.js';
import type { SharedSpace } from '../../memory/shared-space.js';
import type { Principal } from '../../model/principal.js';
import { principalOf, type DoorParts } from '../door.js';
import type { Idempotency } from '../idempotency.js';
import type { Jobs } from '../jobs.js';
import type { ExportDesk } from '../../internals.js';
import type { ExportSlots } from './export-slots.js';
import { EVERYWHERE, OF_BODIES, OF_REPLAYS, problemAnswers } from './problems.js';

/** What the operations of this door stand on. */
export interface V1Parts extends DoorParts {
  readonly idempotency: Idempotency;
  readonly jobs: Jobs;
  readonly desk: ExportDesk;
  readonly exportSlots: ExportSlots;
}

/** What an operation is added with: says what serves each request. */
export type V1PartsOf = (request: FastifyRequest) => V1Parts;

/** The groups that the description is ordered by. */
export type Tag =
  'memories' | 'spaces' | 'users' | 'exports' | 'erasures' | 'audit' | 'policy' | 'keys' | 'credentials';

/** A request to an operation, its parts checked. */
export interface Call<P, Q, B> extends V1Parts {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who asks. @throws MemwardenError forbidden where the credential may not act for the user that the route names */
  readonly principal: Principal;
  /** The memories of the user that the route names. */
  readonly memory: ScopedMemory;
  /** The shared space that the route names. */
  readonly space: SharedSpace;
}

/** What an operation answers when it is done. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` where none is given. */
  readonly types?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation: what goes in, what comes out, and what it may be refused for. */
export interface Operation<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly id: string;
  readonly method: HTTPMethods;
  /** As in OpenAPI: `/v1/users/{user}/memories`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: Tag;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyLimit?: number;
  /** Headers that it heeds beside those that all do, with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether it takes an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Error codes beside those of every operation. */
  readonly problems?: readonly ErrorCode[];
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => unknown;
}

/** Adds operations to an instance. */
export type Operations = (app: FastifyInstance, parts: V1PartsOf) => void;

const NOTHING = z.strictObject({});

/** Adds one operation to an instance: its route, its checks and its description. */
export function operation<
  P extends z.ZodType = typeof NOTHING,
  Q extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = z.ZodUndefined,
>(app: FastifyInstance, parts: V1PartsOf, it: Operation<P, Q, B>): void {
  const problems = [
    ...EVERYWHERE,
    ...(it.body ? OF_BODIES : []),
    ...(it.idempotent ? OF_REPLAYS : []),
    ...(it.problems ?? []),
  ];
  app.route({
    method: it.method,
    url: it.path.replace(/\{(\w+)\}/g, ':$1'),
    ...(it.bodyLimit === undefined ? {} : { bodyLimit: it.bodyLimit }),
    schema: {
      operationId: it.id,
      summary: it.summary,
      ...(it.description === undefined ? {} : { description: it.description }),
      tags: [it.tag],
      params: it.params ?? NOTHING,
      querystring: it.query ?? NOTHING,
      ...(it.body ? { body: it.body } : {}),
      response: { ...answersOf(it.answers), ...problemAnswers(problems) },
    },
    ...(it.body ? { preValidation: checkLength } : {}),
    config: { headers: { ...it.headers, ...(it.idempotent ? IDEMPOTENCY : {}) } },
    handler: async (request, reply) => {
      if (!it.body && hasBody(request)) throw new MemwardenError('request_malformed', { reason: 'no body is taken' });
      const user = (request.params as { user?: string }).user;
      const principal = principalOf(request, 'http', user);
      const own = parts(request);
      const call = {
        ...own,
        request,
        reply,
        principal,
        params: request.params as z.output<P>,
        query: request.query as z.output<Q>,
        body: request.body as z.output<B>,
        get memory() {
          if (user === undefined) throw new MemwardenError('internal');
          return own.warden.scope(principal, user);
        },
        get space() {
          const { space } = request.params as { space?: string };
          if (space === undefined) throw new MemwardenError('internal');
          return own.warden.space(principal, space);
        },
      };
      return it.handle(call);
    },
  });
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Headers that an operation heeds, with what they say; for its description. */
    headers?: Readonly<Record<string, string>>;
  }
}

const IDEMPOTENCY = {
  'Idempotency-Key':
    'A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours.',
};

// Before its items are: the schemas look at every one of them before they count, and say of each what is wrong.
function checkLength({ body }: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const { memories, messages } = (body ?? {}) as { readonly memories?: unknown; readonly messages?: unknown };
  const isTooLong = [memories, messages].some((list) => Array.isArray(list) && list.length > MAX_BATCH);
  done(isTooLong ? new MemwardenError('batch_too_large') : undefined);
}

function hasBody(request: FastifyRequest): boolean {
  const { body } = request;
  return (body !== undefined && body !== null) || Number(request.headers['content-length'] ?? 0) > 0;
}

function answersOf(answers: Readonly<Record<number, Answer>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, types = ['application/json'], headers }]) => {
      const content = schema && Object.fromEntries(types.map((type) => [type, { schema }]));
      return [status, { description, ...(content ? { content } : {}), ...(headers ? { 'x-headers': headers } : {}) }];
    }),
  );
}

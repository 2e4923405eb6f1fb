import { createHash } from 'node:crypto';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { toRateLimits, type Rate, type RateLimitOptions } from '../config/rates.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isId } from '../model/text.js';
import { ON_BEHALF_OF, type DoorParts } from './door.js';
import { sharedRates } from './shared-rates.js';

type Limit = ReturnType<FastifyInstance['createRateLimit']>;
type Counted = Extract<Awaited<ReturnType<Limit>>, { isAllowed: false }>;

const COUNTERS_KEPT = 50_000;
const KNOWN_KEPT = 10_000;
const KNOWN_MS = 600_000;

/**
 * Limits how many requests an instance takes, and those registered in it afterwards: by credential before the body is
 * read, by the user that a request is about once it is, and by address those that fail to authenticate. Answers carry
 * `x-ratelimit-*` of the credential, of one length whatever the count (G6).
 */
export async function limitRates(
  app: FastifyInstance,
  { services }: Pick<DoorParts, 'services'>,
  options: RateLimitOptions = {},
): Promise<void> {
  const { perCredential, perUser, failedAuthentications, shared } = toRateLimits(options);
  const store = shared ? { store: sharedRates(services.values, services.clock) } : { cache: COUNTERS_KEPT };
  if (perCredential || perUser)
    await app.register(async (own) => {
      await own.register(rateLimit, { global: false, ...store });
      if (perCredential)
        limitCredentials(
          app,
          limiter(own, perCredential, (request) => keyOf('credential', request.caller?.tenant, request.caller?.id)),
          perCredential,
        );
      if (perUser) limitUsers(app, limiter(own, perUser, countOf));
    });
  if (failedAuthentications)
    await app.register(async (own) => {
      await own.register(rateLimit, { global: false, cache: COUNTERS_KEPT });
      limitFailures(
        app,
        limiter(own, failedAuthentications, (request) => normalizeIP(request.ip)),
      );
    });
}

function limiter(
  app: FastifyInstance,
  { max, windowMs }: Required<Rate>,
  keyGenerator: (request: FastifyRequest) => string,
): Limit {
  return app.createRateLimit({ max, timeWindow: windowMs, keyGenerator });
}

function limitCredentials(app: FastifyInstance, limit: Limit, { max, windowMs }: Required<Rate>): void {
  const digits = String(max).length;
  const seconds = String(Math.ceil(windowMs / 1_000)).length;
  app.addHook('preParsing', async (request, reply) => {
    if (!request.caller) return;
    const counted = (await limit(request)) as Counted;
    void reply.header('x-ratelimit-limit', padded(max, digits));
    void reply.header('x-ratelimit-remaining', padded(counted.remaining, digits));
    void reply.header('x-ratelimit-reset', padded(counted.ttlInSeconds, seconds));
    if (counted.isExceeded) refuse(reply, counted);
  });
}

function limitUsers(app: FastifyInstance, limit: Limit): void {
  app.addHook('preHandler', async (request, reply) => {
    if (!request.caller) return;
    const counted = (await limit(request)) as Counted;
    if (counted.isExceeded) refuse(reply, counted);
  });
}

// Who was let in from an address a while ago is not shut out by what others try from there; it is authenticated as ever.
function limitFailures(app: FastifyInstance, limit: Limit): void {
  const known = new LRUCache<string, true>({ max: KNOWN_KEPT, ttl: KNOWN_MS });
  const markOf = ({ headers }: FastifyRequest) => digestOf('header', headers.authorization ?? '');
  app.addHook('onRequest', async (request, reply) => {
    const counted = (await limit(request, { increment: false })) as Counted;
    if (counted.remaining === 0 && !known.has(markOf(request))) refuse(reply, counted);
  });
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    if (request.caller) known.set(markOf(request), true);
    done();
  });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode !== 401) return;
    known.delete(markOf(request));
    await limit(request);
  });
}

function refuse(reply: FastifyReply, { ttlInSeconds }: Counted): never {
  void reply.header('retry-after', String(Math.max(1, ttlInSeconds)));
  throw new MemwardenError('rate_limited');
}

/**
 * The user that a request is about, read where its route reads it and nowhere else: a name that could be put beside what
 * is asked would open a new count each time. Nothing is decided by it. Undefined where it names none that it may.
 */
function userOf(request: FastifyRequest): string | undefined {
  const { caller, headers, params, routeOptions } = request;
  if (!caller || caller.onlyUser !== undefined) return caller?.onlyUser;
  const { userOf: read } = routeOptions.config;
  if (read === null) return undefined;
  const { users } = caller.grant;
  const actsForNobody = users !== 'any' && users.length === 0;
  const named =
    (actsForNobody ? undefined : headers[ON_BEHALF_OF]) ?? (params as { user?: unknown }).user ?? read?.(request);
  if (!isId(named)) return undefined;
  return users === 'any' || actsForNobody || users.includes(named) ? named : undefined;
}

// Where a credential may name anybody, names share a bounded number of counts: one that is made up for each request would
// else open a new one without end, in the store too.
function countOf(request: FastifyRequest): string {
  const { caller } = request;
  const user = userOf(request);
  const isListed = caller !== null && caller.grant.users !== 'any' && caller.grant.users.length > 0;
  if (user === undefined || isListed) return keyOf('user', caller?.tenant, caller?.id, user);
  const shared = createHash('sha256').update(`memwarden rate 1\0${user}`).digest().readUInt16BE();
  return keyOf('any user', caller?.tenant, caller?.id, String(shared));
}

// No user's id is kept in clear for it, and no two keys are alike.
function keyOf(kind: string, ...parts: readonly (string | undefined)[]): string {
  return digestOf(kind, ...parts.map((part = '') => `${part.length}:${part}`));
}

function digestOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('base64url');
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

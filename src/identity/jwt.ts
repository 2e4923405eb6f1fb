import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { DEFAULT_JWT_ALGORITHMS, jwtSchema, type JwtAlgorithm, type JwtOptions } from '../config/jwt.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { Grant } from '../model/credential.js';
import { ISSUER_ROWS, issuerName, jwtId } from '../model/credential-rows.js';
import type { KeyValueStore } from '../model/key-value.js';
import type { NameOf } from '../model/name-of.js';
import { namespaced } from '../model/namespace.js';
import { isId } from '../model/text.js';
import { Caller } from './caller.js';
import { grantOf, tenantIn } from './claims.js';
import { openJwtKeys } from './jwt-keys.js';
import { JwtRevocations } from './jwt-revocations.js';

/**
 * Finds out who holds a token; undefined where it is not to be taken, whatever the reason.
 *
 * @throws MemwardenError identity_unavailable where the keys to check it with cannot be had
 */
export type JwtVerifier = (token: string) => Promise<Caller | undefined>;

const TOLERANCE_S = 5;
const MAX_AGE_S = 86_400;
const MAX_TOKEN = 8_192;
// Room for the prefix in a principal's id.
const MAX_SUBJECT = 240;

/** What a token says whose signature, times and claims hold. */
export interface ReadToken {
  readonly subject: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly grant: Grant;
  /** The tenant that it names, where a claim for it is configured. */
  readonly tenant: string | undefined;
}

/** What tokens are checked against beside their issuer: where not-befores of subjects are kept, and under which names. */
export interface TokenGround {
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly nameOf: NameOf;
}

/** Takes JSON Web Tokens in two steps, so that a token can say in which store it may have been revoked. */
export interface Tokens {
  /** @throws MemwardenError identity_unavailable where the keys to check it with cannot be had */
  read(token: string): Promise<ReadToken | undefined>;
  holderIn(ground: TokenGround): (token: ReadToken) => Promise<Caller | undefined>;
}

/**
 * What takes JSON Web Tokens (RFC 7519, checked as RFC 8725 says).
 *
 * @throws MemwardenError config_invalid, also where a claim names a tenant: here there are none
 */
export function jwtVerifier(options: JwtOptions, ground: TokenGround): JwtVerifier {
  const tokens = openTokens(options, ground.clock);
  if (options.claims?.tenant !== undefined)
    throw new MemwardenError('config_invalid', { argument: 'jwt.claims.tenant', reason: 'there are no tenants' });
  const holder = tokens.holderIn(ground);
  return async (token) => {
    const found = await tokens.read(token);
    return found && holder(found);
  };
}

/** The two steps of `jwtVerifier`. @throws MemwardenError config_invalid */
export function openTokens(options: JwtOptions, clock: Clock): Tokens {
  assertOptions(options);
  const { issuer, audience, toleranceSeconds: tolerance = TOLERANCE_S, maxAgeSeconds = MAX_AGE_S, type } = options;
  const algorithms = algorithmsOf(options);
  const keys = openJwtKeys(options.keys, algorithms);
  const prefix = issuerName(issuer);
  return {
    async read(token) {
      if (!isPlainToken(token, algorithms)) return undefined;
      const payload = await payloadOf(token, keys, {
        issuer,
        audience: typeof audience === 'string' ? audience : [...audience],
        algorithms: [...algorithms],
        clockTolerance: tolerance,
        maxTokenAge: maxAgeSeconds,
        requiredClaims: ['exp', 'iat', 'sub'],
        currentDate: clock(),
        ...(type === undefined ? {} : { typ: type }),
      });
      const { sub: subject, iat: issuedAt } = payload ?? {};
      if (!payload || issuedAt === undefined || !isId(subject) || subject.length > MAX_SUBJECT) return undefined;
      const grant = grantOf(payload, options);
      return grant && { subject, issuedAt, grant, tenant: tenantIn(payload, options) };
    },
    holderIn({ values, nameOf }) {
      const revocations = new JwtRevocations(values, clock, nameOf);
      const issuers = namespaced<true>(values, ISSUER_ROWS, clock);
      let isNoted = false;
      return async ({ subject, issuedAt, grant }) => {
        const notBefore = await revocations.notBefore(subject);
        // The issuer's clock may be ahead by the tolerance.
        if (notBefore && (issuedAt - tolerance) * 1_000 < notBefore.getTime()) return undefined;
        if (!isNoted) {
          // Before anything is kept under the id, so that an erasure finds it.
          await issuers.insert(prefix, true);
          isNoted = true;
        }
        const id = jwtId(prefix, subject);
        const isUser = grant.users !== 'any' && grant.users.length > 0;
        return new Caller('jwt', id, id, grant, { name: subject, isUser });
      };
    },
  };
}

/** The algorithms that tokens may be signed with. */
export function algorithmsOf({ algorithms }: JwtOptions): readonly JwtAlgorithm[] {
  return algorithms ?? DEFAULT_JWT_ALGORITHMS;
}

/**
 * Whether a text is a compact JWS as every issuer writes it: three parts of canonical base64url, signed with one of the
 * algorithms, without critical extensions, and not too large to be looked at.
 */
export function isPlainToken(token: string, algorithms: readonly JwtAlgorithm[]): boolean {
  if (token.length > MAX_TOKEN) return false;
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every(isCanonical)) return false;
  try {
    const header = decodeProtectedHeader(token);
    return (algorithms as readonly unknown[]).includes(header.alg) && !Object.hasOwn(header, 'crit');
  } catch {
    return false;
  }
}

// Spaces, padding and stray bits would give one signature several spellings.
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

async function payloadOf(
  token: string,
  keys: JWTVerifyGetKey,
  options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, options);
    return payload;
  } catch (error) {
    if (isOutage(error)) throw new MemwardenError('identity_unavailable');
    return undefined;
  }
}

// What jose throws of a token has a code of its own; what fetching the keys throws has the general one, or none.
function isOutage(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return error.code === 'ERR_JOSE_GENERIC' || error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JWKS_INVALID';
}

function assertOptions(options: JwtOptions): void {
  const parsed = jwtSchema.safeParse(options);
  if (parsed.success) return;
  const path = (parsed.error.issues[0]?.path ?? []).join('.');
  throw new MemwardenError('config_invalid', { argument: path === '' ? 'jwt' : `jwt.${path}` });
}

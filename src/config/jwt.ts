import { z } from 'zod';
import { isId } from '../model/text.js';

/** Algorithms of signatures that may be named. `none` is none of them. */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'HS256',
  'HS384',
  'HS512',
] as const;
/** An algorithm of a signature. */
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** What is taken where no algorithms are named: no HMAC. */
export const DEFAULT_JWT_ALGORITHMS: readonly JwtAlgorithm[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** The longest that `maxAgeSeconds` may be; a stored not-before is kept for longer than that. */
export const LONGEST_JWT_AGE_S = 30 * 86_400;
/** The most that clocks may differ, in seconds. */
export const LARGEST_JWT_TOLERANCE_S = 60;

/** Where the keys come from that tokens are checked with. */
export type JwtKeys =
  /** A JWK Set at an address: `https:`, or `http:` on this machine alone. No redirect is followed. */
  | {
      readonly kind: 'url';
      readonly url: string;
      /** How long a set serves, in milliseconds; 10 minutes. */
      readonly cacheMs?: number;
      /** How long an unknown key id does not have the set fetched again, in milliseconds; 30 seconds. */
      readonly cooldownMs?: number;
      /** How long fetching may take, in milliseconds; 5 seconds. */
      readonly timeoutMs?: number;
    }
  /** A JWK Set, as it is: public keys, or with `HS...` named one secret (`kty: oct`). A single JWK is a set of one. */
  | { readonly kind: 'jwks'; readonly keys: readonly Readonly<Record<string, unknown>>[] }
  /** A public key as PEM (SPKI or X.509), for one algorithm. */
  | { readonly kind: 'pem'; readonly pem: string; readonly algorithm: JwtAlgorithm }
  /** A file that holds a JWK, a JWK Set or, with `algorithm`, PEM; read at the start. */
  | { readonly kind: 'file'; readonly path: string; readonly algorithm?: JwtAlgorithm };

/** A claim by its name, or by the names on the way to it: `['realm_access', 'roles']`. */
export type ClaimName = string | readonly string[];

/** What a value of the role claim stands for. */
export interface JwtRole {
  readonly role: string;
  /**
   * The users that such a token may act for: those that its claims name (where none is given), any, or nobody in
   * particular (`none`: what the role itself may do, and no user on whose behalf).
   */
  readonly users?: 'claims' | 'any' | 'none';
  /** The purposes that its requests may name, in the place of those that its claims name. */
  readonly purposes?: 'any' | readonly string[];
}

/** Which tokens are taken, and what they say of their holder. Unknown keys are refused. */
export interface JwtOptions {
  /** What `iss` must be. */
  readonly issuer: string;
  /** What `aud` must be or hold: one of these. */
  readonly audience: string | readonly string[];
  readonly keys: JwtKeys;
  /** RS256, PS256, ES256 and EdDSA where none is given. `HS...` only with a secret of at least 256 bits of its own. */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** What the header's `typ` must be, `at+jwt` for access tokens of RFC 9068; not looked at where none is given. */
  readonly type?: string;
  /** How far clocks may differ, in seconds; 5. */
  readonly toleranceSeconds?: number;
  /** How long after `iat` a token is taken at most, in seconds, whatever its `exp`; 24 hours. */
  readonly maxAgeSeconds?: number;
  /** Where a token says what. */
  readonly claims?: {
    /** Its role: a text, or a list of which one is in `roles`; `role`. */
    readonly role?: ClaimName;
    /** The tenant that it is of; asked for where tenants are kept apart, and a token that does not say it is not taken. */
    readonly tenant?: ClaimName;
    /** The one user that it acts for, often `sub`; none is looked for where none is given. */
    readonly user?: ClaimName;
    /** Several users that it may act for: a list. */
    readonly users?: ClaimName;
    /** The purposes that its requests may name: a text or a list. */
    readonly purposes?: ClaimName;
    /** Facts for policies, by their name there. */
    readonly attributes?: Readonly<Record<string, ClaimName>>;
  };
  /**
   * Roles by the values of the role claim; where a token has several, the first of the table counts. A token with none
   * of them is refused.
   */
  readonly roles: Readonly<Record<string, string | JwtRole>>;
}

const text = z.string().min(1).max(2_048);
const id = z.string().refine(isId);
const milliseconds = z.int().min(0).max(86_400_000);
const algorithm = z.enum(JWT_ALGORITHMS);
const claim = z.union([text, z.array(text).min(1).max(8)]);
const role = z.strictObject({
  role: id,
  users: z.enum(['claims', 'any', 'none']).optional(),
  purposes: z.union([z.literal('any'), z.array(id).max(1_000)]).optional(),
});
const NO_MIX = 'HS... not together with algorithms of public keys';
const filled = (value: object) => Object.keys(value).length > 0;

/** The shape of `JwtOptions`. Keys are checked further where they are opened. */
export const jwtSchema = z
  .strictObject({
    issuer: text,
    audience: z.union([text, z.array(text).min(1).max(64)]),
    keys: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('url'),
        url: z.string().refine(isKeyAddress, { error: 'https, or http to this machine; no user and no fragment' }),
        cacheMs: milliseconds.optional(),
        cooldownMs: milliseconds.optional(),
        timeoutMs: z.int().min(1).max(60_000).optional(),
      }),
      z.strictObject({ kind: z.literal('jwks'), keys: z.array(z.record(z.string(), z.unknown())).min(1).max(100) }),
      z.strictObject({ kind: z.literal('pem'), pem: z.string().min(1).max(65_536), algorithm }),
      z.strictObject({ kind: z.literal('file'), path: text, algorithm: algorithm.optional() }),
    ]),
    algorithms: z.array(algorithm).min(1).optional(),
    type: text.optional(),
    toleranceSeconds: z.int().min(0).max(LARGEST_JWT_TOLERANCE_S).optional(),
    maxAgeSeconds: z.int().min(1).max(LONGEST_JWT_AGE_S).optional(),
    claims: z
      .strictObject({
        role: claim.optional(),
        tenant: claim.optional(),
        user: claim.optional(),
        users: claim.optional(),
        purposes: claim.optional(),
        attributes: z.record(id, claim).optional(),
      })
      .refine(({ user, users }) => user === undefined || users === undefined, {
        path: ['users'],
        error: 'not together with user',
      })
      .optional(),
    roles: z.record(text, z.union([id, role])).refine(filled, { error: 'one role or more' }),
  })
  // A key that everybody may know must never be taken for a secret.
  .refine(({ algorithms = [] }) => new Set(algorithms.map(isHmac)).size < 2, { path: ['algorithms'], error: NO_MIX })
  .refine(({ algorithms = [], keys }) => keys.kind !== 'url' || !algorithms.some(isHmac), {
    path: ['algorithms'],
    error: 'an address has no secret: no HS... with it',
  })
  .refine(({ keys }) => keys.kind !== 'pem' || !isHmac(keys.algorithm), {
    path: ['keys', 'algorithm'],
    error: 'a public key is no secret: no HS... with it',
  });

/** Whether an algorithm has one secret for signing and checking. */
export function isHmac(name: string): boolean {
  return name.startsWith('HS');
}

function isKeyAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, username, password, hash } = new URL(address);
  if (username !== '' || password !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

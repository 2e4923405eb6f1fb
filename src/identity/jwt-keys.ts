import { readFileSync } from 'node:fs';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWK, type JWTVerifyGetKey } from 'jose';
import { isHmac, type JwtAlgorithm, type JwtKeys } from '../config/jwt.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isPrivate, pemToJwk, toPublicJwk } from './jwt-key.js';

type Jwk = Readonly<Record<string, unknown>>;

const MAX_SET_BYTES = 1_048_576;

/**
 * What finds the key that a token names, by its key id and algorithm. What a token itself brings (`jwk`, `jku`, `x5c`,
 * `x5u`) is not looked at.
 *
 * @throws MemwardenError config_invalid where a key that is given cannot be one
 */
export function openJwtKeys(keys: JwtKeys, algorithms: readonly JwtAlgorithm[]): JWTVerifyGetKey {
  switch (keys.kind) {
    case 'url':
      return remote(keys);
    case 'jwks':
      return local(keys.keys, algorithms);
    case 'pem':
      return local([pem(keys.pem, keys.algorithm)], algorithms);
    case 'file':
      return local(fromFile(keys.path, keys.algorithm), algorithms);
  }
}

// jose follows no redirect, and takes nothing but status 200.
function remote({ url, cacheMs, cooldownMs, timeoutMs }: JwtKeys & { kind: 'url' }): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(url), {
    cacheMaxAge: cacheMs ?? 600_000,
    cooldownDuration: cooldownMs ?? 30_000,
    timeoutDuration: timeoutMs ?? 5_000,
    [customFetch]: async (address, init) => {
      const answer = await fetch(address, init);
      return answer.status === 200 ? new Response(JSON.stringify({ keys: await publicKeysOf(answer) })) : answer;
    },
  });
}

// Secrets, weak keys and what is no key are passed over; the others serve.
async function publicKeysOf(answer: Response): Promise<JWK[]> {
  const set = JSON.parse(await limitedText(answer)) as { readonly keys?: unknown } | null;
  const keys: unknown = set?.keys;
  if (!Array.isArray(keys)) throw new errors.JWKSInvalid('no set');
  return keys.flatMap((jwk: unknown) => (isJwk(jwk) ? (toPublicJwk(jwk) ?? []) : []));
}

async function limitedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_SET_BYTES) throw new errors.JWKSInvalid('too large');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function local(given: readonly Jwk[], algorithms: readonly JwtAlgorithm[]): JWTVerifyGetKey {
  const kids = given.map(({ kid }) => kid).filter((kid) => kid !== undefined);
  if (new Set(kids).size < kids.length) throw invalid('two keys of one id');
  if (given.length > 1 && kids.length < given.length) throw invalid('several keys need an id each');
  if (given.some(({ kty }) => kty === 'oct')) return secrets(given, algorithms);
  if (algorithms.some(isHmac)) throw invalid('HMAC needs a secret');
  if (given.some(isPrivate)) throw invalid('a private key; give the public one');
  const keys = given.map((jwk) => toPublicJwk(jwk) ?? unusable());
  return createLocalJWKSet({ keys });
}

// A set of secrets alone, each for the one algorithm that it says, or for all that are named and that it is long enough for.
function secrets(given: readonly Jwk[], algorithms: readonly JwtAlgorithm[]): JWTVerifyGetKey {
  if (!algorithms.every(isHmac)) throw invalid('a secret, which needs HS256, HS384 or HS512 named in `algorithms`');
  const known = given.map(({ kty, k, kid, alg, use, key_ops: ops }) => {
    if (kty !== 'oct') throw invalid('secrets and public keys together');
    const secret = Buffer.from(typeof k === 'string' ? k : '', 'base64url');
    const serves = algorithms.filter((name) => (alg === undefined || alg === name) && secret.length >= bytesOf(name));
    const isForOther = (use !== undefined && use !== 'sig') || (Array.isArray(ops) && !ops.includes('verify'));
    if (serves.length === 0 || isForOther) throw invalid('a secret that is too short, or for something else');
    return { kid, secret, serves: new Set<string>(serves) };
  });
  return ({ alg, kid }) => {
    const found = known.filter((key) => key.serves.has(String(alg)) && (kid === undefined || key.kid === kid));
    const [first] = found;
    if (!first || found.length > 1) throw new errors.JWKSNoMatchingKey();
    return first.secret;
  };
}

// RFC 7518, section 3.2: no shorter than the hash.
function bytesOf(algorithm: string): number {
  return Number(algorithm.slice(2)) / 8;
}

function pem(text: string, algorithm: JwtAlgorithm): Jwk {
  return pemToJwk(text, algorithm) ?? unusable();
}

function fromFile(path: string, algorithm: JwtAlgorithm | undefined): readonly Jwk[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw invalid('cannot be read');
  }
  if (text.includes('-----BEGIN')) {
    if (algorithm === undefined) throw invalid('PEM needs `algorithm`');
    return [pem(text, algorithm)];
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('neither JSON nor PEM');
  }
  const keys: unknown = isJwk(parsed) && Array.isArray(parsed['keys']) ? parsed['keys'] : [parsed];
  if (!(keys as unknown[]).every(isJwk)) throw invalid('no JWK');
  return keys as Jwk[];
}

function isJwk(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unusable(): never {
  throw invalid('no public key, or a weak one');
}

function invalid(reason: string): MemwardenError {
  return new MemwardenError('config_invalid', { argument: 'jwt.keys', reason });
}

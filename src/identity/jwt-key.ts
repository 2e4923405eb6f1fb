import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import type { JwtAlgorithm } from '../config/jwt.js';
import { hasRocaFingerprint } from './roca.js';

const RSA_BITS = 2_048;
const PUBLIC = ['kty', 'kid', 'alg', 'use', 'key_ops', 'crv', 'x', 'y', 'n', 'e'] as const;
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * The public part of a JWK that signatures may be checked with; undefined where it is none, or one that is known to be
 * weak: RSA of fewer than 2,048 bits, with an exponent of 1 or of the ROCA chips.
 */
export function toPublicJwk(jwk: Readonly<Record<string, unknown>>): JWK | undefined {
  const shown = Object.fromEntries(PUBLIC.filter((name) => Object.hasOwn(jwk, name)).map((name) => [name, jwk[name]]));
  try {
    // A point that is not on its curve is refused here.
    const key = createPublicKey({ key: shown as JsonWebKey, format: 'jwk' });
    return isStrong(key, shown) ? shown : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JWK holds more than a public key. */
export function isPrivate(jwk: Readonly<Record<string, unknown>>): boolean {
  return PRIVATE.some((name) => Object.hasOwn(jwk, name));
}

/** A public key of PEM as a JWK of one algorithm; undefined where it is none. */
export function pemToJwk(pem: string, alg: JwtAlgorithm): JWK | undefined {
  if (pem.includes('PRIVATE KEY')) return undefined;
  try {
    return toPublicJwk({ ...createPublicKey(pem).export({ format: 'jwk' }), alg });
  } catch {
    return undefined;
  }
}

function isStrong({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject, { n }: JWK): boolean {
  if (asymmetricKeyType !== 'rsa') return true;
  const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails;
  return modulusLength >= RSA_BITS && publicExponent >= 3n && !hasRocaFingerprint(Buffer.from(n ?? '', 'base64url'));
}

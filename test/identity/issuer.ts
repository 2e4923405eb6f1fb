import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { JwtAlgorithm, JwtOptions } from '../../src/config/jwt.js';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'memwarden';

/** A key of an issuer: both halves. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: JwtAlgorithm;
  readonly secret: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(kid: string, alg: JwtAlgorithm = 'ES256'): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, secret: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

/** What a token says beside its usual claims; undefined takes one of those away. */
export type Claims = Readonly<Record<string, unknown>>;

/** A signer of tokens whose clock is that of the test. */
export function signer(clock: () => Date) {
  return async (
    key: IssuerKey,
    claims: Claims = {},
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> => {
    const now = Math.floor(clock().getTime() / 1_000);
    const all = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', role: 'assistant', iat: now, exp: now + 600, ...claims };
    const payload = JSON.parse(JSON.stringify(all)) as Record<string, unknown>;
    return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.secret);
  };
}

/** Keyed names as a warden makes them, under a key of all tests. */
export function nameOf(...parts: readonly string[]): Promise<string> {
  return Promise.resolve(createHmac('sha256', 'of the tests').update(JSON.stringify(parts)).digest('base64url'));
}

/** Options that take tokens of a key. */
export function optionsFor(key: IssuerKey, more: Partial<JwtOptions> = {}): JwtOptions {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { kind: 'jwks', keys: [key.jwk as Record<string, unknown>] },
    claims: { user: 'sub' },
    roles: { assistant: 'agent' },
    ...more,
  };
}

/** A server of key sets on a socket of loopback: what it answers can be changed, and what it was asked is kept. */
export interface KeyServer {
  readonly url: string;
  readonly asked: string[];
  answer: { status?: number; headers?: Record<string, string>; body: string; stall?: boolean };
  close(): Promise<void>;
}

export async function keyServer(keys: readonly JWK[]): Promise<KeyServer> {
  const asked: string[] = [];
  const served: { answer: KeyServer['answer'] } = { answer: { body: JSON.stringify({ keys }) } };
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { status = 200, headers = {}, body, stall } = served.answer;
    if (stall) return;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(
    {
      url: `http://127.0.0.1:${port}`,
      asked,
      close: () =>
        new Promise<void>((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    },
    'answer',
    { set: (answer: KeyServer['answer']) => (served.answer = answer), get: () => served.answer },
  ) as unknown as KeyServer;
}

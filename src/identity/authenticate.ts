import { MemwardenError } from '../errors/memwarden-error.js';
import type { ApiKeys } from './api-keys.js';
import type { Caller } from './caller.js';
import type { JwtVerifier } from './jwt.js';

/** Finds out who sent a request from its `Authorization` header. @throws MemwardenError unauthenticated */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

// mem0's clients send the scheme `Token`.
const CREDENTIALS = /^(?:Bearer|Token) ([\x21-\x7e]{1,8192})$/i;
const KEY_PREFIX = 'mw_';

/** Takes API keys, and where a verifier is given JSON Web Tokens. */
export function authenticating(apiKeys: ApiKeys, jwt?: JwtVerifier): Authenticate {
  return async (authorization) => {
    const credential = credentialIn(authorization);
    const caller = credential === undefined ? undefined : await holderOf(credential, apiKeys, jwt);
    if (!caller) throw new MemwardenError('unauthenticated');
    return caller;
  };
}

/** The credential of an `Authorization` header; undefined where there is none. */
export function credentialIn(authorization: string | undefined): string | undefined {
  return CREDENTIALS.exec(authorization ?? '')?.[1];
}

/** Whether a credential is, by its look, an API key and not a token. */
export function isApiKey(credential: string): boolean {
  return credential.startsWith(KEY_PREFIX);
}

async function holderOf(credential: string, apiKeys: ApiKeys, jwt?: JwtVerifier): Promise<Caller | undefined> {
  return jwt && !isApiKey(credential) ? jwt(credential) : apiKeys.authenticate(credential);
}

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
    const [, credential] = CREDENTIALS.exec(authorization ?? '') ?? [];
    const caller = credential === undefined ? undefined : await holderOf(credential, apiKeys, jwt);
    if (!caller) throw new MemwardenError('unauthenticated');
    return caller;
  };
}

async function holderOf(credential: string, apiKeys: ApiKeys, jwt?: JwtVerifier): Promise<Caller | undefined> {
  return jwt && !credential.startsWith(KEY_PREFIX) ? jwt(credential) : apiKeys.authenticate(credential);
}

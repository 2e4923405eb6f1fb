import { MemwardenError } from '../errors/memwarden-error.js';
import type { ApiKeys } from './api-keys.js';
import type { Caller } from './caller.js';

/** Finds out who sent a request from its `Authorization` header. @throws MemwardenError unauthenticated */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

// mem0's clients send the scheme `Token`.
const CREDENTIALS = /^(?:Bearer|Token) ([\x21-\x7e]{1,8192})$/i;

/** Takes API keys. */
export function authenticating(apiKeys: ApiKeys): Authenticate {
  return async (authorization) => {
    const [, credential] = CREDENTIALS.exec(authorization ?? '') ?? [];
    const caller = credential === undefined ? undefined : await apiKeys.authenticate(credential);
    if (!caller) throw new MemwardenError('unauthenticated');
    return caller;
  };
}

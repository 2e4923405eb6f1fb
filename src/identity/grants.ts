import { isDeepStrictEqual } from 'node:util';
import type { Credential, Grant } from '../model/credential.js';
import { names } from '../model/text.js';

type Named = Pick<Credential, 'name' | 'grant'>;

/** Whether a credential names a user, in whatever part of it. */
export function namesUser(credential: Named, userId: string): boolean {
  return !isDeepStrictEqual(withoutUser(credential, userId), credential);
}

/** Whether a user is the only one that a credential may act for. */
export function isForAlone({ users }: Grant, userId: string): boolean {
  return users !== 'any' && users.length > 0 && users.every((user) => user === userId);
}

/**
 * A credential without a user: out of its users and purposes, and without the name and the attributes that say it. A rule
 * that asks for such an attribute finds it missing, which is the stricter way (S4).
 */
export function withoutUser<T extends Named>(credential: T, userId: string): T {
  const { name, grant, ...rest } = credential;
  const { users, purposes, attributes, ...others } = grant;
  const other = (value: unknown) => value !== userId;
  const kept = attributes && Object.entries(attributes).filter(([key, value]) => other(key) && other(value));
  return {
    ...rest,
    ...(name === undefined || names(name, userId) ? {} : { name }),
    grant: {
      ...others,
      users: users === 'any' ? users : users.filter(other),
      purposes: purposes === 'any' ? purposes : purposes.filter(other),
      ...(kept ? { attributes: Object.fromEntries(kept) } : {}),
    },
  } as unknown as T;
}

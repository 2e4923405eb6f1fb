import type { Credential } from '../../../index.js';

/** Whom a credential may act for, in a few words. */
export function usersOf({ grant: { users } }: Credential): string {
  if (users === 'any') return 'any user';
  return users.length === 0 ? 'nobody' : users.join(', ');
}

/** A credential in a line. */
export function summary(credential: Credential): string {
  const { id, name, grant, expiresAt } = credential;
  const until = expiresAt === undefined ? 'without expiry' : `until ${expiresAt}`;
  return `${id}${name === undefined ? '' : ` (${name})`}: role ${grant.role}, acts for ${usersOf(credential)}, ${until}`;
}

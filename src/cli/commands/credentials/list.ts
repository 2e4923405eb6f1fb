import type { Credential } from '../../../index.js';
import type { RegisterIn } from '../../command.js';
import { withWarden } from '../../open.js';
import { managerOf, withManager, type CredentialFlags } from './flags.js';
import { usersOf } from './summary.js';

const HEAD = ['id', 'key', 'name', 'role', 'acts for', 'purposes', 'expires', 'last used', 'state'];

/** `credentials list`: every API key, without its secret. */
export const list: RegisterIn = (program, family) => {
  const command = withManager(family.command('list')).description(
    'all API keys without their secrets, also the revoked and the expired',
  );
  program.act<CredentialFlags>(command, async ({ io, output }, flags) => {
    const found = await withWarden(flags, io, (warden) => warden.credentials.list(managerOf(flags)));
    const now = new Date();
    await output.list(found, HEAD, (credential) => row(credential, now));
    if (found.length === 0) await output.people('no API keys');
    return undefined;
  });
};

function row(credential: Credential, now: Date): string[] {
  const { id, prefix, name = '', grant, expiresAt = 'never', lastUsedAt = 'never' } = credential;
  const purposes = grant.purposes === 'any' ? 'any' : grant.purposes.join(', ');
  return [
    id,
    `mw_${prefix}_...`,
    name,
    grant.role,
    usersOf(credential),
    purposes,
    expiresAt,
    lastUsedAt,
    state(credential, now),
  ];
}

function state({ revokedAt, expiresAt }: Credential, now: Date): string {
  if (revokedAt !== undefined) return `revoked ${revokedAt}`;
  return expiresAt !== undefined && new Date(expiresAt) <= now ? 'expired' : 'valid';
}

import type { RegisterIn } from '../../command.js';
import { withWarden } from '../../open.js';
import { managerOf, withManager, type CredentialFlags } from './flags.js';

/** `credentials revoke`: an API key is refused from the next request on. */
export const revoke: RegisterIn = (program, family) => {
  const command = withManager(family.command('revoke <id>')).description(
    'revoke an API key: refused from the next request on, in every process',
  );
  program.act<CredentialFlags>(command, async ({ io, output }, flags, id = '') => {
    const revoked = await withWarden(flags, io, (warden) => warden.credentials.revoke(managerOf(flags), id));
    await output.result(revoked, () => `revoked ${revoked.id} at ${revoked.revokedAt ?? ''}`);
    return undefined;
  });
};

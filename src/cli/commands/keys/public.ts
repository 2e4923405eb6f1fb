import type { RegisterIn } from '../../command.js';
import { withStore, type StoreFlags } from '../../flags.js';
import { withWarden } from '../../open.js';

/** `keys public`: what certificates and ledgers are checked with. */
export const publicKeys: RegisterIn = (program, family) => {
  const command = withStore(family.command('public')).description(
    'print the public keys that certificates are checked with (JWKS)',
  );
  program.act<StoreFlags>(command, async ({ io, output }, flags) => {
    const jwks = await withWarden(flags, io, (warden) => warden.keys.publicKeys());
    await output.result(jwks, () => JSON.stringify(jwks, null, 2));
    return undefined;
  });
};

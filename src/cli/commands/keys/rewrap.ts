import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { counter } from '../../progress.js';

interface RewrapFlags extends StoreFlags, PrincipalFlags {
  readonly from?: string;
}

/** `keys rewrap`: a new key-encryption key; no memory is touched. */
export const rewrap: RegisterIn = (program, family) => {
  const command = withStore(withPrincipal(family.command('rewrap')))
    .description('wrap all keys under the key-encryption key that MEMWARDEN_KMS names; no memory is touched')
    .addOption(once('--from <uri>', 'the key service that wrapped them, where it was another (docs/keys.md)'));
  program.act<RewrapFlags>(command, async ({ io, output }, flags) => {
    const count = counter(io.stderr, output.json);
    const result = await withWarden(flags, io, (warden) =>
      warden.keys.rewrap(principalOf(flags), flags.from, (users) => count.say(amount(users, 'user'))),
    );
    count.stop();
    await output.result(
      result,
      () =>
        `wrapped ${amount(result.keys, 'key')} of ${amount(result.users, 'user')} anew\n` +
        'from now on every process and command needs MEMWARDEN_KMS (or `keys.kms`) to name this key; keep the one before it until no backup needs it',
    );
    return undefined;
  });
};

import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { counter } from '../../progress.js';

/** `keys status`: versions, and how much is left to seal anew. */
export const status: RegisterIn = (program, family) => {
  const command = withStore(withPrincipal(family.command('status'))).description(
    'how many keys there are, of which versions, and how much is left to seal anew',
  );
  program.act<StoreFlags & PrincipalFlags>(command, async ({ io, output }, flags) => {
    const count = counter(io.stderr, output.json);
    const found = await withWarden(flags, io, (warden) =>
      warden.keys.status(principalOf(flags), (users) => count.say(amount(users, 'user'))),
    );
    count.stop();
    await output.result(found, () => {
      const versions = Object.entries(found.versions).map(([n, users]) => `${users} with ${n}`);
      const wraps = Object.entries(found.wrappedUnder).map(([kek, n]) => `${n} under ${kek}`);
      return [
        `users with keys: ${found.users} (key versions: ${versions.join(', ') || 'none'})`,
        `wrapped: ${wraps.join(', ') || 'none'}; in use: ${found.kekId}`,
        `retiring: ${amount(found.retiring, 'user')}, ${amount(found.rowsLeft, 'row')} left`,
        `held by owners: ${found.ownerHeld}; being erased: ${found.erasing}`,
      ].join('\n');
    });
    return undefined;
  });
};

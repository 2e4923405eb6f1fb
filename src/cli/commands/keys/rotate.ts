import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { counter } from '../../progress.js';

interface RotateFlags extends StoreFlags, PrincipalFlags {
  readonly user?: string;
  readonly all?: boolean;
}

/** `keys rotate`: new keys, and everything sealed anew under them, while memories are read and written. */
export const rotate: RegisterIn = (program, family) => {
  const command = withStore(withPrincipal(family.command('rotate')))
    .description('put new keys in use and seal everything anew under them; takes over a minute')
    .addOption(once('--user <id>', 'the key of this user'))
    .option('--all', 'the keys of all users; goes on where it was cut off');
  program.act<RotateFlags>(command, async ({ io, output }, flags) => {
    const { user, all } = flags;
    if ((user === undefined) === (all !== true)) throw badArgument('--user', 'one of --user and --all');
    const count = counter(io.stderr, output.json);
    const result = await withWarden(flags, io, (warden) => {
      const tell = (done: { users: number; rows: number }) => count.say(`${done.rows} rows, ${done.users} users done`);
      const principal = principalOf(flags);
      return user === undefined
        ? warden.keys.rotateAll(principal, new Date(), tell)
        : warden.keys.rotateUser(principal, user, tell);
    });
    count.stop();
    await output.result(result, () => {
      const skipped = result.skipped > 0 ? `; ${result.skipped} users hold their own keys and were passed over` : '';
      const refused = result.refused > 0 ? `; ${result.refused} rows are not what was sealed; run doctor` : '';
      return `sealed ${result.rows} rows anew; the old keys of ${result.users} users are gone${skipped}${refused}`;
    });
    return undefined;
  });
};

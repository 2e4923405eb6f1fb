import type { Warden } from '../../../index.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { WORDINGS } from '../../countdown.js';
import { interruptible, tellInterrupted } from '../../interruptible.js';
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
    count.say('rotating');
    const ending = await interruptible(io, count, WORDINGS.rotating, ({ steps, check }) => {
      const act = (warden: Warden) => {
        check();
        const tell = ({ rows, users }: { rows: number; users: number }) => {
          count.say(`${amount(rows, 'row')}, ${amount(users, 'user')} done`);
          // After each batch, so that nobody waits for all rows of a user.
          check();
        };
        const principal = principalOf(flags);
        return user === undefined
          ? warden.keys.rotateAll(principal, new Date(), tell)
          : warden.keys.rotateUser(principal, user, tell);
      };
      return withWarden(flags, io, act, { steps });
    });
    count.stop();
    if (!('value' in ending))
      return tellInterrupted(output, ending, {
        goesOn: 'new keys are in use, and the old ones are still there; the same command goes on',
        nothing: 'nothing was rotated',
      });
    const result = ending.value;
    await output.result(result, () => {
      const skipped =
        result.skipped > 0 ? `; passed over ${amount(result.skipped, 'user')} whose keys their owners hold` : '';
      const refused = result.refused > 0 ? `; ${amount(result.refused, 'row')} not as sealed; run doctor` : '';
      return `sealed ${amount(result.rows, 'row')} anew; the old keys of ${amount(result.users, 'user')} are gone${skipped}${refused}`;
    });
    return undefined;
  });
};

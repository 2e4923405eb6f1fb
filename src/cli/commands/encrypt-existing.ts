import { amount } from '../amount.js';
import type { Register } from '../command.js';
import { withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import { principalOf, withWarden } from '../open.js';
import { counter } from '../progress.js';

/** `encrypt-existing`: seals rows that a version before encryption wrote. */
export const encryptRows: Register = (program) => {
  const command = withStore(
    withPrincipal(program.command('encrypt-existing', 'seal rows that a version before encryption wrote in clear')),
  );
  program.act<StoreFlags & PrincipalFlags>(command, async ({ io, output }, flags) => {
    const count = counter(io.stderr, output.json);
    const result = await withWarden(flags, io, (warden) =>
      warden.encryptExisting(principalOf(flags), (rows) => count.say(amount(rows, 'row'))),
    );
    count.stop();
    const refused = result.refused > 0 ? `; ${amount(result.refused, 'row')} with nothing that could be sealed` : '';
    await output.result(
      result,
      () => `sealed ${amount(result.rows, 'row')} of ${amount(result.partitions, 'user')}${refused}`,
    );
    return undefined;
  });
};

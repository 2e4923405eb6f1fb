import { assertNew, writeCertificate } from '../../certificate-file.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once, withDeployment, withPrincipal } from '../../flags.js';
import type { Principal } from '../../../model/principal.js';
import type { Tenants } from '../../../tenants/tenants.js';
import { WORDINGS } from '../../countdown.js';
import { interruptible, tellInterrupted } from '../../interruptible.js';
import { counter } from '../../progress.js';
import { onTenants, type TenantFlags } from './flags.js';

interface DropFlags extends TenantFlags {
  readonly confirm: string;
  readonly out?: string;
}

/** `tenants drop`: a tenant's keys, then its data, for good. */
export const drop: RegisterIn = (program, family) => {
  const command = withDeployment(withPrincipal(family.command('drop <id>')))
    .description('drop a tenant for good, or go on with a drop that was cut off; takes over a minute')
    .addOption(once('--confirm <id>', 'the id of the tenant once more').makeOptionMandatory())
    .addOption(once('--out <file>', 'write the certificate here'));
  program.act<DropFlags>(command, async ({ io, output }, flags, id) => {
    const { confirm, out } = flags;
    if (confirm !== id) throw badArgument('--confirm', 'not the id of the tenant');
    await assertNew({ '--out': out });
    const count = counter(io.stderr, output.json);
    count.say('dropping');
    const ending = await interruptible(io, count, WORDINGS.dropping, ({ steps, check }) => {
      const act = (tenants: Tenants, principal: Principal) => {
        check();
        return tenants.drop(principal, confirm);
      };
      return onTenants(flags, io, act, { steps });
    });
    count.stop();
    if (!('value' in ending))
      return tellInterrupted(output, ending, {
        goesOn: 'the drop is begun and not at its end, and the tenant is refused; the same command goes on',
        nothing: 'nothing was dropped',
      });
    const certificate = ending.value;
    await writeCertificate(io, out, certificate);
    const { dropId, keys, finalAt } = certificate;
    await output.result(
      certificate,
      () =>
        `${dropId}: ${amount(keys.keys, 'key')} of ${amount(keys.users, 'user')} destroyed, then the data; final at ${finalAt}`,
    );
    return undefined;
  });
};

import { ISOLATIONS, type Isolation } from '../../../tenants/isolation.js';
import type { RegisterIn } from '../../command.js';
import { once, withDeployment, withPrincipal } from '../../flags.js';
import { onTenants, type TenantFlags } from './flags.js';

interface CreateFlags extends TenantFlags {
  readonly isolation?: Isolation;
}

/** `tenants create`: a tenant, or the rest of one whose making was cut off. */
export const create: RegisterIn = (program, family) => {
  const command = withDeployment(withPrincipal(family.command('create <id>')))
    .description(
      'make a tenant, or go on with one that was cut off; then make its first key with `credentials create --tenant`',
    )
    .addOption(
      once('--isolation <kind>', 'how tenants of the store are kept apart; the first one says it').choices([
        ...ISOLATIONS,
      ]),
    );
  program.act<CreateFlags>(command, async ({ io, output }, flags, id: string) => {
    const { isolation } = flags;
    const made = await onTenants(flags, io, (tenants, principal) => tenants.create(principal, id), {
      isolation,
      makes: true,
    });
    await output.result(made, () => `${made.id}: ${made.state}`);
    return undefined;
  });
};

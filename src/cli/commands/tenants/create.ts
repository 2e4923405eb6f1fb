import type { RegisterIn } from '../../command.js';
import { withDeployment, withPrincipal } from '../../flags.js';
import { onTenants, type TenantFlags } from './flags.js';

/** `tenants create`: a tenant, or the rest of one whose making was cut off. */
export const create: RegisterIn = (program, family) => {
  const command = withDeployment(withPrincipal(family.command('create <id>'))).description(
    'make a tenant, or go on with one that was cut off; then make its first key with `credentials create --tenant`',
  );
  program.act<TenantFlags>(command, async ({ io, output }, flags, id: string) => {
    const made = await onTenants(flags, io, (tenants, principal) => tenants.create(principal, id));
    await output.result(made, () => `${made.id}: ${made.state}`);
    return undefined;
  });
};

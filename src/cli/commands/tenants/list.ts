import type { RegisterIn } from '../../command.js';
import { withDeployment, withPrincipal } from '../../flags.js';
import { onTenants, type TenantFlags } from './flags.js';

const PAGE = 1_000;

/** `tenants list`: all of them, also those that were dropped. */
export const list: RegisterIn = (program, family) => {
  const command = withDeployment(withPrincipal(family.command('list'))).description(
    'list tenants, also those that were dropped',
  );
  program.act<TenantFlags>(command, async ({ io, output }, flags) => {
    await onTenants(flags, io, async (tenants, principal) => {
      let after: string | undefined;
      for (;;) {
        const page = await tenants.list(principal, { limit: PAGE, ...(after === undefined ? {} : { after }) });
        await output.list(page, ['tenant', 'state', 'since'], ({ id, state, createdAt }) => [id, state, createdAt]);
        if (after === undefined && page.length === 0) await output.people('no tenants');
        after = page.at(-1)?.id;
        if (page.length < PAGE) return;
      }
    });
    return undefined;
  });
};

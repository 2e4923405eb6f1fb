import type { Command } from 'commander';
import type { Principal } from '../../../model/principal.js';
import { openTenants, type Tenants } from '../../../tenants/tenants.js';
import { embedderOption, once, type StoreFlags } from '../../flags.js';
import type { Io } from '../../io.js';
import { principalOf, wardenOptions } from '../../open.js';

/** The flags of commands on tenants. */
export interface TenantFlags extends Omit<StoreFlags, 'tenant'> {
  readonly as?: string;
  readonly principal?: string;
}

/** Adds the flags of commands on tenants: the store of the deployment, and who asks. */
export function withTenants(command: Command): Command {
  return command
    .addOption(once('--as <role>', 'role of the principal (admin where none is given)'))
    .addOption(once('--principal <id>', 'id of the principal (cli where none is given)'))
    .addOption(once('--data <path>', 'embedded store of the deployment in this folder'))
    .addOption(once('--mongodb-uri <uri>', 'MongoDB of the deployment at this address'))
    .addOption(once('--policies <dir>', 'folder of the policy files'))
    .addOption(embedderOption())
    .option('--json', 'machine output');
}

/** Opens the tenants of a deployment for one act. */
export async function onTenants<T>(
  flags: TenantFlags,
  io: Io,
  act: (tenants: Tenants, principal: Principal) => Promise<T>,
): Promise<T> {
  const { as = 'admin', principal } = flags;
  const opened = await openTenants({ isolation: 'database', warden: wardenOptions(flags, io.env) });
  try {
    return await act(opened, principalOf({ as, ...(principal === undefined ? {} : { principal }) }));
  } finally {
    await opened.close();
  }
}

import type { Principal } from '../../../model/principal.js';
import { openTenantsWith, type Tenants } from '../../../tenants/tenants.js';
import type { PrincipalFlags, StoreFlags } from '../../flags.js';
import type { Io } from '../../io.js';
import { principalOf, wardenOptions, type Wait } from '../../open.js';

/** The flags of commands on tenants: the store of the deployment, and who asks. */
export interface TenantFlags extends Omit<StoreFlags, 'tenant'>, PrincipalFlags {}

/** Opens the tenants of a deployment for one act. */
export async function onTenants<T>(
  flags: TenantFlags,
  io: Io,
  act: (tenants: Tenants, principal: Principal) => Promise<T>,
  wait?: Wait,
): Promise<T> {
  const options = { isolation: 'database', warden: wardenOptions(flags, io.env) } as const;
  const opened = await openTenantsWith(options, wait ? { wait } : {});
  try {
    return await act(opened, principalOf(flags));
  } finally {
    await opened.close();
  }
}

import type { Principal } from '../../../model/principal.js';
import { openTenants, type Tenants } from '../../../tenants/tenants.js';
import type { PrincipalFlags, StoreFlags } from '../../flags.js';
import type { Io } from '../../io.js';
import { principalOf, wardenOptions } from '../../open.js';

/** The flags of commands on tenants: the store of the deployment, and who asks. */
export interface TenantFlags extends Omit<StoreFlags, 'tenant'>, PrincipalFlags {}

/** Opens the tenants of a deployment for one act. */
export async function onTenants<T>(
  flags: TenantFlags,
  io: Io,
  act: (tenants: Tenants, principal: Principal) => Promise<T>,
): Promise<T> {
  const opened = await openTenants({ isolation: 'database', warden: wardenOptions(flags, io.env) });
  try {
    return await act(opened, principalOf(flags));
  } finally {
    await opened.close();
  }
}

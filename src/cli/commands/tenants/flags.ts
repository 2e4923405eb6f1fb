import type { Principal } from '../../../model/principal.js';
import type { Isolation } from '../../../tenants/isolation.js';
import { openTenantsAsMade, openTenantsWith, type Tenants } from '../../../tenants/tenants.js';
import type { PrincipalFlags, StoreFlags } from '../../flags.js';
import type { Io } from '../../io.js';
import { assertStore } from '../../store-there.js';
import { principalOf, wardenOptions, type Opening } from '../../open.js';

/** The flags of commands on tenants: the store of the deployment, and who asks. */
export interface TenantFlags extends Omit<StoreFlags, 'tenant'>, PrincipalFlags {}

/** How the tenants of a deployment are opened. */
interface OnTenants extends Pick<Opening, 'makes' | 'steps'> {
  /** That which the store was made with, where it is not given. */
  readonly isolation?: Isolation | undefined;
}

/** Opens the tenants of a deployment for one act. */
export async function onTenants<T>(
  flags: TenantFlags,
  io: Io,
  act: (tenants: Tenants, principal: Principal) => Promise<T>,
  { isolation, steps = {}, makes = false }: OnTenants = {},
): Promise<T> {
  const warden = wardenOptions(flags, io.env);
  await assertStore(warden, makes);
  const opened = await (isolation
    ? openTenantsWith({ isolation, warden }, steps)
    : openTenantsAsMade({ warden }, steps));
  try {
    return await act(opened, principalOf(flags));
  } finally {
    await opened.close();
  }
}

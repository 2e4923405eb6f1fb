import type { JwtOptions } from '../config/jwt.js';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import { prefixOf } from '../identity/api-keys.js';
import { credentialIn, isApiKey, type Authenticate } from '../identity/authenticate.js';
import type { Caller } from '../identity/caller.js';
import { openTokens, type ReadToken } from '../identity/jwt.js';
import { servicesOf, type DoorServices } from '../internals.js';
import type { Lease } from '../tenants/pool.js';
import { insideTenants, type Tenants } from '../tenants/tenants.js';
import type { Warden } from '../warden.js';
import type { DoorParts, Tenancy } from './door.js';

/** What doors stand on for one tenant, for as long as its warden is open. */
interface OfTenant {
  readonly services: DoorServices;
  readonly holder: ((token: ReadToken) => Promise<Caller | undefined>) | undefined;
}

/**
 * What doors stand on where each request is served by the warden of the tenant of its credential. Which tenant that is
 * says the store of the deployment for an API key, and a claim for a token; no header, path or body is asked. A credential
 * of the deployment itself is known, and is served by nobody.
 *
 * @throws MemwardenError config_invalid where tokens are taken that name no tenant
 */
export function tenancyOf(tenants: Tenants, jwt?: JwtOptions): DoorParts {
  const { deployment, directory } = insideTenants(tenants);
  const services = servicesOf(deployment);
  const tokens = jwt && openTokens(jwt, services.clock);
  if (jwt && jwt.claims?.tenant === undefined)
    throw new MemwardenError('config_invalid', { argument: 'jwt.claims.tenant', reason: 'tokens must name a tenant' });
  const known = new WeakMap<Warden, OfTenant>();
  const ofTenant = (warden: Warden): OfTenant => {
    const found = known.get(warden);
    if (found) return found;
    const own = servicesOf(warden);
    const made = { services: own, holder: tokens?.holderIn(own) };
    known.set(warden, made);
    return made;
  };
  const within = async (tenant: string, ask: (own: OfTenant) => Promise<Caller | undefined> | undefined) => {
    const lease = await leased(tenants, tenant);
    if (!lease) return undefined;
    try {
      return (await ask(ofTenant(lease.value)))?.of(tenant);
    } finally {
      lease.release();
    }
  };
  const holderOf = async (credential: string): Promise<Caller | undefined> => {
    if (isApiKey(credential)) {
      const prefix = prefixOf(credential);
      const tenant = prefix === undefined ? undefined : await directory.tenantOf(prefix);
      if (tenant === undefined) return services.apiKeys.authenticate(credential);
      return within(tenant, ({ services: { apiKeys } }) => apiKeys.authenticate(credential));
    }
    const token = await tokens?.read(credential);
    return token?.tenant === undefined ? undefined : within(token.tenant, ({ holder }) => holder?.(token));
  };
  const authenticate: Authenticate = async (authorization) => {
    const credential = credentialIn(authorization);
    const caller = credential === undefined ? undefined : await holderOf(credential);
    if (!caller) throw new MemwardenError('unauthenticated');
    return caller;
  };
  const tenancy: Tenancy = {
    async leaseFor({ tenant }) {
      if (tenant === undefined) throw new MemwardenError('tenant_required');
      const lease = await leased(tenants, tenant, true);
      if (!lease) throw new MemwardenError('unauthenticated');
      const { value: warden, hold, release } = lease;
      const parts = { warden, services: ofTenant(warden).services, authenticate, tenancy, hold };
      return { parts, release };
    },
    async opened() {
      const wardens = await tenants.open();
      return wardens.map((warden) => ({ warden, services: ofTenant(warden).services, authenticate, tenancy }));
    },
  };
  return { warden: deployment, services, authenticate, tenancy };
}

// Of a tenant that is not in use any more no credential holds.
async function leased(tenants: Tenants, tenant: string, isChecked = false): Promise<Lease<Warden> | undefined> {
  try {
    return await tenants.lease(tenant, isChecked);
  } catch (error) {
    if (isMemwardenError(error, 'tenant_not_found')) return undefined;
    throw error;
  }
}

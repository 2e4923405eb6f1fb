import type { JwtOptions } from '../../config/jwt.js';
import type { WardenOptions } from '../../config/options.js';
import type { ServerConfig } from '../../config/serve/schema.js';
import { authenticating } from '../../identity/authenticate.js';
import { jwtVerifier } from '../../identity/jwt.js';
import { servicesOf } from '../../internals.js';
import type { PurgeResult } from '../../memory/purge.js';
import { definedIn } from '../../model/bare.js';
import { insideTenants, openTenants, type Tenants } from '../../tenants/tenants.js';
import { createWarden } from '../../warden.js';
import type { DoorParts } from '../door.js';
import { tenancyOf } from '../tenancy.js';

/** What a server serves: one warden, or one for each tenant. */
export interface Deployment {
  /** What its doors stand on. */
  readonly parts: DoorParts;
  /** The same for routes that are the deployment's own: no credential of a tenant holds there. */
  readonly own: DoorParts;
  purge(): Promise<PurgeResult>;
  reloadPolicies(): Promise<string>;
  close(): Promise<void>;
}

const BATCH = 1_000;

/** @throws MemwardenError config_invalid, and what `createWarden` throws */
export async function openDeployment(config: ServerConfig, options: WardenOptions): Promise<Deployment> {
  const jwt = config.jwt as JwtOptions | undefined;
  if (config.isolation) {
    const tenants = await openTenants({ isolation: config.isolation, warden: options, ...definedIn(config.tenants) });
    return closedWhere(tenants, () => ofTenants(tenants, jwt, config.isolation === 'shared'));
  }
  const warden = await createWarden(options);
  return closedWhere(warden, () => {
    const services = servicesOf(warden);
    const tokens = jwt && jwtVerifier(jwt, services);
    const parts = { warden, services, authenticate: authenticating(services.apiKeys, tokens) };
    const reloadPolicies = () => warden.reloadPolicies();
    return { parts, own: parts, purge: () => warden.purge(), reloadPolicies, close: () => warden.close() };
  });
}

function ofTenants(tenants: Tenants, jwt: JwtOptions | undefined, sharePolicies: boolean): Deployment {
  const { deployment: warden } = insideTenants(tenants);
  const parts = tenancyOf(tenants, jwt);
  const { services } = parts;
  return {
    parts,
    own: { warden, services, authenticate: authenticating(services.apiKeys) },
    purge: () => purgeAll(tenants),
    async reloadPolicies() {
      const revision = await warden.reloadPolicies();
      if (!sharePolicies) for (const own of await tenants.open()) await own.reloadPolicies();
      return revision;
    },
    close: () => tenants.close(),
  };
}

// One tenant after the other; where one cannot be purged the others are all the same.
async function purgeAll(tenants: Tenants): Promise<PurgeResult> {
  const results = [await insideTenants(tenants).deployment.purge()];
  const failures: unknown[] = [];
  for await (const tenant of tenants.active()) {
    try {
      results.push(await purgeOne(tenants, tenant));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  const sum = (name: keyof PurgeResult) => results.reduce((all, result) => all + result[name], 0);
  return { deleted: sum('deleted'), partitions: sum('partitions'), repaired: sum('repaired') };
}

async function purgeOne(tenants: Tenants, tenant: string): Promise<PurgeResult> {
  const { value: warden, release } = await tenants.lease(tenant);
  try {
    const result = await warden.purge();
    const { values, clock } = servicesOf(warden);
    while ((await values.removeExpired(clock(), BATCH)) === BATCH);
    return result;
  } finally {
    release();
  }
}

async function closedWhere(opened: { close(): Promise<void> }, make: () => Deployment): Promise<Deployment> {
  try {
    return make();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

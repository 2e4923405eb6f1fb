import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantCertificate } from '../compliance/tenant-certificate.js';
import { LONGEST_CACHE_MS } from '../config/keys.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { administered, certifyTenantOf, servicesOf, settingsOf, storeIdOf } from '../internals.js';
import type { Principal } from '../model/principal.js';
import { openWarden, type Warden } from '../warden.js';
import type { WardenParts } from '../wiring/parts.js';
import { CredentialDirectory } from './directory.js';
import { dropTenant } from './drop.js';
import { openActive, realmOf } from './realms.js';
import { isolationOf, type Isolation } from './isolation.js';
import { ofTenant, toTenantId, toTenantsSettings } from './options.js';
import type { TenantPrincipal, TenantsOptions, TenantsSettings } from './options.js';
import { Pool, type Lease, type PoolCounters } from './pool.js';
import type { Realm } from './realm.js';
import { Registry, type Tenant } from './registry.js';

// Whoever had a tenant open holds none of its keys for longer (S22); a second for clocks.
const LET_GO_MS = LONGEST_CACHE_MS + 1_000;
const MOST_LISTED = 1_000;

/** How tenants are put together in a test: how acts wait, and what is called between their steps. */
export type TenantActs = NonNullable<WardenParts['acts']>;

interface Inside {
  readonly deployment: Warden;
  readonly registry: Registry;
  readonly directory: CredentialDirectory;
  readonly isolation: Isolation;
  readonly realm: Realm;
  readonly pool: Pool<Warden>;
  readonly acts: TenantActs;
}

/** What doors stand on; not methods, so that who has tenants alone does not reach them. */
export let insideTenants: (tenants: Tenants) => Pick<Inside, 'deployment' | 'directory'>;

/** Customers that are kept apart, each behind a warden of its own. Made by `openTenants`. */
export class Tenants {
  readonly #inside: Inside;

  static {
    insideTenants = (tenants) => tenants.#inside;
  }

  /** @internal */
  constructor(inside: Inside) {
    this.#inside = inside;
  }

  /**
   * Makes a tenant, or goes on with one whose making was cut off.
   *
   * @param principal of the deployment; action administer on Tenant
   * @throws MemwardenError invalid_principal, invalid_tenant, forbidden, tenant_exists, store_*, kms_*
   */
  async create(principal: Principal, tenant: string): Promise<Tenant> {
    const id = toTenantId(tenant);
    return this.#administer(principal, 'tenant.create', true, () => this.#create(id));
  }

  /**
   * Tenants by their ids, also those that were dropped.
   *
   * @param principal of the deployment; action list on Tenant
   * @param options how many at most, 1 to 1,000, and after which id; 1,000 from the first on
   * @throws MemwardenError invalid_principal, invalid_argument, forbidden
   */
  async list(
    principal: Principal,
    { limit = MOST_LISTED, after }: { readonly limit?: number; readonly after?: string } = {},
  ): Promise<Tenant[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw new MemwardenError('invalid_argument', { argument: 'limit', allowed: `1 to ${MOST_LISTED}` });
    const from = after === undefined ? undefined : toTenantId(after);
    const list = () => this.#inside.registry.list(limit, from);
    return this.#administer(principal, 'tenant.list', false, list);
  }

  /**
   * Drops a tenant for good, or goes on with a drop that was cut off. It is refused from the first step on, in every
   * process at its next request; then its keys are destroyed, and after them its data. Takes over a minute: no process may
   * hold a key of it any more when the certificate is signed.
   *
   * @param principal of the deployment; action administer on Tenant
   * @returns the certificate; the same again for one that was dropped
   * @throws MemwardenError invalid_principal, invalid_tenant, forbidden, tenant_not_found, tenants_busy, store_*
   */
  async drop(principal: Principal, tenant: string): Promise<TenantCertificate> {
    const id = toTenantId(tenant);
    const { deployment, registry, realm, directory, pool, acts } = this.#inside;
    const { clock } = servicesOf(deployment);
    const parts = {
      registry,
      realm,
      clock,
      storeId: () => storeIdOf(deployment),
      certify: certifyTenantOf(deployment),
      release: (name: string) => pool.drop(name),
      forgetCredentials: (name: string) => directory.forget(name),
      wait: () => (acts.wait ?? sleep)(LET_GO_MS),
      step: acts.step ?? (() => undefined),
    };
    return this.#administer(principal, 'tenant.drop', true, (who) => dropTenant(parts, id, who));
  }

  /**
   * Does something as a principal of a tenant, with the warden of that tenant, which stays open for as long as it takes.
   *
   * @param act is given the warden, and the principal as that warden takes it
   * @throws MemwardenError invalid_principal, tenant_required, invalid_tenant; tenant_not_found where the tenant is not in
   *   use; tenants_busy; and what the act throws
   */
  async use<T>(principal: TenantPrincipal, act: (warden: Warden, principal: Principal) => Promise<T>): Promise<T> {
    const { tenant, principal: own } = ofTenant(principal);
    const { value, release } = await this.lease(tenant);
    try {
      return await act(value, own);
    } finally {
      release();
    }
  }

  /**
   * The warden of a tenant, until it is released. Which tenant that is comes from a verified credential alone.
   *
   * @internal
   * @param isChecked whether this request has asked the registry already
   * @throws MemwardenError tenant_not_found, tenants_busy
   */
  async lease(tenant: string, isChecked = false): Promise<Lease<Warden>> {
    const { registry, pool } = this.#inside;
    pool.assertOpen();
    if (isChecked) return pool.lease(tenant);
    try {
      await registry.assertActive(tenant);
    } catch (error) {
      // What another process dropped is not kept open here.
      void pool.drop(tenant).catch(() => undefined);
      throw error;
    }
    return pool.lease(tenant);
  }

  /**
   * The ids of those that are in use, for what has to be done for each.
   *
   * @internal
   */
  async *active(): AsyncGenerator<string, void, undefined> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#inside.registry.list(MOST_LISTED, after);
      for (const { id, state } of page) if (state === 'active') yield id;
      after = page.at(-1)?.id;
      if (page.length < MOST_LISTED) return;
    }
  }

  /** The wardens that are open now, for what has to be told to each: that policies changed. */
  async open(): Promise<Warden[]> {
    return this.#inside.pool.values();
  }

  /** How many are open and in use. */
  get counters(): PoolCounters {
    return this.#inside.pool.counters;
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    await this.#inside.pool.close();
    await this.#inside.deployment.close();
  }

  async #create(id: string): Promise<Tenant> {
    const { deployment, registry, realm, isolation, acts } = this.#inside;
    const step = acts.step ?? (() => undefined);
    await isolationOf(deployment, registry, isolation);
    const createdAt = servicesOf(deployment).clock().toISOString();
    await registry.add(id, { state: 'creating', createdAt });
    const found = await registry.find(id);
    if (found?.value.state !== 'creating') throw new MemwardenError('tenant_exists');
    await step('create.registered');
    const warden = await realm.open(id);
    await warden.close();
    await step('create.made');
    if (!(await registry.replace(found, { ...found.value, state: 'active' }))) {
      // Another that went on with it was first, or it is being dropped.
      if ((await registry.find(id))?.value.state !== 'active') throw new MemwardenError('tenant_not_found');
    }
    return { id, state: 'active', createdAt: found.value.createdAt };
  }

  #administer<T>(
    principal: Principal,
    act: string,
    changes: boolean,
    run: (principal: Principal) => Promise<T>,
  ): Promise<T> {
    const action = changes ? 'administer' : 'list';
    return administered(this.#inside.deployment, principal, { action, subject: 'Tenant', act, changes }, run);
  }
}

/**
 * Opens the tenants of a deployment.
 *
 * @throws MemwardenError config_invalid, and what `createWarden` throws
 */
export const openTenants = (options: TenantsOptions): Promise<Tenants> => openTenantsWith(options);

/**
 * The same with the isolation that the store was made with, `database` where it has no tenants yet.
 *
 * @internal
 */
export const openTenantsAsMade = (
  options: Omit<TenantsOptions, 'isolation'>,
  acts: TenantActs = {},
): Promise<Tenants> => openWith(toTenantsSettings({ ...options, isolation: 'database' }), undefined, acts);

/**
 * The same, with another wait between the steps of long acts.
 *
 * @internal
 */
export async function openTenantsWith(options: TenantsOptions, acts: TenantActs = {}): Promise<Tenants> {
  return openWith(toTenantsSettings(options), options.isolation, acts);
}

async function openWith(given: TenantsSettings, wanted: Isolation | undefined, acts: TenantActs): Promise<Tenants> {
  const deployment = await openWarden(given.warden, acts);
  try {
    const settings = settingsOf(deployment);
    const { values, clock } = servicesOf(deployment);
    const [registry, directory] = [new Registry(values, clock), new CredentialDirectory(values, clock)];
    const isolation = await isolationOf(deployment, registry, wanted);
    const noteKey = (prefix: string, tenant: string) => directory.note(prefix, tenant);
    const realm = realmOf(isolation, deployment, given, noteKey, acts);
    const { maxOpen, idleMs } = given;
    const limits = { maxOpen, idleMs, waitMs: settings.timeoutMs };
    const pool = new Pool((tenant) => openActive(realm, registry, tenant), limits);
    return new Tenants({ deployment, registry, directory, isolation, realm, pool, acts });
  } catch (error) {
    await deployment.close();
    throw error;
  }
}

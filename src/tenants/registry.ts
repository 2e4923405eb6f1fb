import type { TenantCertificate } from '../compliance/tenant-certificate.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';
import { namespaced, type Kept, type Namespace } from '../model/namespace.js';
import { Coalesced } from './coalesced.js';

/** How far a tenant is. Only an active one is ever opened. */
export type TenantState = 'creating' | 'active' | 'dropping' | 'dropped';

/** How far a drop is: each part is there once it is done. */
export interface DropJob {
  readonly dropId: string;
  readonly requestedBy: { readonly id: string; readonly role: string };
  readonly requestedAt: string;
  readonly keys?: TenantCertificate['keys'];
  readonly keysDestroyedAt?: string;
  readonly certificate?: TenantCertificate;
}

/** What is kept of a tenant. */
export interface TenantRow {
  readonly state: TenantState;
  readonly createdAt: string;
  readonly drop?: DropJob;
}

/** A tenant as it is listed. */
export interface Tenant {
  readonly id: string;
  readonly state: TenantState;
  /** ISO 8601. */
  readonly createdAt: string;
}

/**
 * Which tenants there are: rows in the deployment's own store, which all processes read. A row is never taken away, so
 * that the id of a tenant that was dropped, which old credentials name, is never another's.
 */
export class Registry {
  readonly #rows: Namespace<TenantRow>;
  readonly #states: Coalesced<TenantState | undefined>;

  constructor(values: KeyValueStore, clock: Clock) {
    this.#rows = namespaced(values, 'tenants', clock);
    this.#states = new Coalesced(async (id) => (await this.#rows.get(id))?.value.state);
  }

  find(id: string): Promise<Kept<TenantRow> | undefined> {
    return this.#rows.get(id);
  }

  /** Puts a row where there is none. @returns whether it was put */
  add(id: string, row: TenantRow): Promise<boolean> {
    return this.#rows.insert(id, row);
  }

  /** Puts a row in the place of one that was read. @returns whether that one stood there still */
  replace(found: Kept<TenantRow>, row: TenantRow): Promise<boolean> {
    return this.#rows.replace(found, row);
  }

  /** Asks the store, no earlier than this call, whether a tenant is in use. @throws MemwardenError tenant_not_found */
  async assertActive(id: string): Promise<void> {
    if ((await this.#states.get(id)) !== 'active') throw new MemwardenError('tenant_not_found');
  }

  async list(limit: number, after?: string): Promise<Tenant[]> {
    const rows = await this.#rows.list(limit, after);
    return rows.map(({ key: id, value: { state, createdAt } }) => ({ id, state, createdAt }));
  }
}

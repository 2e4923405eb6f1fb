import { types } from 'node:util';
import { z } from 'zod';
import type { WardenOptions } from '../config/options.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { toPrincipal, type Principal } from '../model/principal.js';
import { isTenantId } from '../model/tenant.js';
import { ISOLATIONS, type Isolation } from './isolation.js';

/** How to open the tenants of a deployment. Unknown keys are refused. */
export interface TenantsOptions {
  /**
   * `database`: a database (embedded: an LMDB environment), a key store with its key file, and an audit log for each
   * tenant. `shared`: one of each for all tenants, where every row, key and record is bound to its tenant. There is no
   * default: what the walls are made of is for the operator to say, and a store keeps what was said first.
   */
  readonly isolation: Isolation;
  /**
   * Those of the deployment itself, whose store keeps the list of tenants. Tenants lie beside it, and each is opened with
   * the same policies, limits and key service.
   */
  readonly warden?: WardenOptions;
  /** How many tenants are open at most; 100. The one that was not used for the longest time is closed to make room. */
  readonly maxOpen?: number;
  /** How long a tenant that nobody uses stays open, in milliseconds; 5 minutes. */
  readonly idleMs?: number;
  /** How many connections the store of one tenant may keep to a MongoDB server, and its key store as many; 5. */
  readonly maxPoolSize?: number;
}

/** Who asks, and for which tenant. Every part comes from a verified credential or from the embedding application. */
export interface TenantPrincipal extends Principal {
  readonly tenant: string;
}

/** Options with every default put in. */
export type TenantsSettings = Required<Omit<TenantsOptions, 'warden'>> & { readonly warden: WardenOptions };

const schema = z.strictObject({
  isolation: z.enum(ISOLATIONS),
  // Checked where the deployment's warden is made.
  warden: z.custom<WardenOptions>((value) => typeof value === 'object' && value !== null).optional(),
  maxOpen: z.int().min(1).max(100_000).optional(),
  idleMs: z.int().min(1_000).max(86_400_000).optional(),
  maxPoolSize: z.int().min(1).max(1_000).optional(),
});

/** Puts the defaults in. @throws MemwardenError config_invalid */
export function toTenantsSettings(options: TenantsOptions): TenantsSettings {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const argument = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new MemwardenError('config_invalid', { argument: argument === '' ? 'options' : argument });
  }
  const { isolation, warden = {}, maxOpen = 100, idleMs = 300_000, maxPoolSize = 5 } = parsed.data;
  return { isolation, warden, maxOpen, idleMs, maxPoolSize };
}

const LEAST_INDEX_BYTES = 65_536;
const MOST_INDEX_BYTES = 2 ** 30;

/** What the indexes of one tenant may take: together those that are open take no more than the deployment alone would. */
export function indexBytesEach(all: number, maxOpen: number): number {
  return Math.min(MOST_INDEX_BYTES, Math.max(LEAST_INDEX_BYTES, Math.floor(all / maxOpen)));
}

/** @throws MemwardenError invalid_tenant */
export function toTenantId(value: unknown): string {
  if (!isTenantId(value)) throw new MemwardenError('invalid_tenant');
  return value;
}

/**
 * The tenant of a principal, and the principal as a warden takes it: a warden knows no tenant but its own, and refuses a
 * principal that names one.
 *
 * @throws MemwardenError invalid_principal, tenant_required, invalid_tenant
 */
export function ofTenant(value: unknown): { readonly tenant: string; readonly principal: Principal } {
  if (typeof value !== 'object' || value === null || types.isProxy(value))
    throw new MemwardenError('invalid_principal', { argument: 'principal' });
  const property = Object.getOwnPropertyDescriptor(value, 'tenant');
  if (!property) throw new MemwardenError('tenant_required');
  const { tenant: _tenant, ...principal } = value as TenantPrincipal;
  return { tenant: toTenantId(property.value), principal: toPrincipal(principal) };
}

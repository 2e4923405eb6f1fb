import type { DroppedTenant, TenantCertificate, TenantRemains } from '../compliance/tenant-certificate.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Clock } from '../model/clock.js';
import { newId } from '../model/id.js';
import type { Kept } from '../model/namespace.js';
import type { Principal } from '../model/principal.js';
import type { DropJob, Registry, TenantRow } from './registry.js';
import type { Realm } from './realm.js';

/** What a drop stands on. */
export interface DropParts {
  readonly registry: Registry;
  readonly realm: Realm;
  readonly clock: Clock;
  readonly storeId: () => Promise<string>;
  readonly certify: (dropped: DroppedTenant, remains: TenantRemains) => Promise<TenantCertificate>;
  /** Closes what this process has open of the tenant, once it is not in use any more. */
  readonly release: (tenant: string) => Promise<void>;
  /** Takes away what leads from credentials to the tenant. */
  readonly forgetCredentials: (tenant: string) => Promise<void>;
  /** Waits until no process can hold a key of the tenant any more (S22). */
  readonly wait: () => Promise<void>;
  /** Called between steps; for tests that stop there. */
  readonly step: (name: string) => void | Promise<void>;
}

/**
 * Drops a tenant, or goes on with a drop that was cut off: it is refused everywhere from the first step on; its keys go,
 * then its data; and after every process has let go of what it held, whatever a straggler made anew. Each step can be run
 * again.
 *
 * @throws MemwardenError tenant_not_found, tenants_busy, store_*, kms_*
 */
export async function dropTenant(parts: DropParts, tenant: string, principal: Principal): Promise<TenantCertificate> {
  const { registry, realm, clock, step } = parts;
  const found = await begin(parts, tenant, principal);
  if (found.value.drop?.certificate) return found.value.drop.certificate;
  await step('drop.marked');
  await parts.release(tenant);
  let row = found;
  if (!jobOf(row).keys) row = await noted(registry, tenant, { keys: await realm.tally(tenant) });
  await step('drop.counted');
  await realm.destroyKeys(tenant);
  await step('drop.keys-gone');
  if (!jobOf(row).keysDestroyedAt) row = await noted(registry, tenant, { keysDestroyedAt: clock().toISOString() });
  await realm.destroyData(tenant);
  await step('drop.data-gone');
  await parts.wait();
  await realm.destroyKeys(tenant);
  await realm.destroyData(tenant);
  await parts.forgetCredentials(tenant);
  await step('drop.swept');
  const { dropId, requestedBy, requestedAt, keys, keysDestroyedAt } = jobOf(row);
  if (!keys || !keysDestroyedAt) throw new MemwardenError('internal');
  const completedAt = clock().toISOString();
  const done = { dropId, tenant, requestedBy, requestedAt, keys, keysDestroyedAt, completedAt };
  const certificate = await parts.certify({ ...done, storeId: await parts.storeId() }, realm.remains);
  const last = await noted(registry, tenant, { certificate }, 'dropped');
  return jobOf(last).certificate ?? certificate;
}

async function begin(
  { registry, clock }: DropParts,
  tenant: string,
  { id, role }: Principal,
): Promise<Kept<TenantRow>> {
  for (;;) {
    const found = await registry.find(tenant);
    if (!found) throw new MemwardenError('tenant_not_found');
    if (found.value.drop) return found;
    // One whose making was cut off is dropped too: parts of it may be there.
    const drop: DropJob = { dropId: newId(), requestedBy: { id, role }, requestedAt: clock().toISOString() };
    await registry.replace(found, { ...found.value, state: 'dropping', drop });
  }
}

// Two that go on with one drop at once note the same things; what was noted first stays.
async function noted(
  registry: Registry,
  tenant: string,
  more: Partial<DropJob>,
  state: TenantRow['state'] = 'dropping',
): Promise<Kept<TenantRow>> {
  for (;;) {
    const found = await registry.find(tenant);
    if (!found) throw new MemwardenError('tenant_not_found');
    if (found.value.state === 'dropped') return found;
    await registry.replace(found, { ...found.value, state, drop: { ...more, ...jobOf(found) } });
    const now = await registry.find(tenant);
    if (now && Object.keys(more).every((key) => Object.hasOwn(jobOf(now), key))) return now;
  }
}

function jobOf({ value: { drop } }: Kept<TenantRow>): DropJob {
  if (!drop) throw new MemwardenError('internal');
  return drop;
}

import { basename } from 'node:path';
import { sealedCover, type Cover } from './compliance/export/cover.js';
import { KeptExports } from './compliance/export/kept.js';
import { readOwn } from './compliance/export/own-file.js';
import { OPERATOR } from './compliance/operated.js';
import {
  certifyTenant,
  type DroppedTenant,
  type TenantCertificate,
  type TenantRemains,
} from './compliance/tenant-certificate.js';
import type { Settings } from './config/options.js';
import { exportFolder, sharedExportFolder } from './config/tenant-places.js';
import { MemwardenError } from './errors/memwarden-error.js';
import { ApiKeys } from './identity/api-keys.js';
import { Refusals } from './identity/refusals.js';
import { ConditionedMemory } from './memory/conditioned.js';
import { toExport, type ExportOptions } from './memory/exporting.js';
import { Handles } from './memory/handles.js';
import { keptNames } from './memory/kept-names.js';
import { Importer } from './memory/import.js';
import { PolicyEffects } from './memory/policy-effect.js';
import type { ActionOf } from './model/actions.js';
import type { Clock } from './model/clock.js';
import type { ExportResult } from './model/export.js';
import type { NameOf } from './model/name-of.js';
import type { KeyValueStore } from './model/key-value.js';
import type { Principal } from './model/principal.js';
import { DEFAULT_TENANT } from './model/tenant.js';
import { insideOf, type Warden, type WardenInside } from './warden.js';

/** Stores memories whose ids were fixed ahead; for the resumable import of the command line. */
export function importerOf(warden: Warden, principal: Principal): Importer {
  return new Importer(insideOf(warden).guard, principal);
}

/** What the policies of another folder would change in a warden's store; for `policy diff`. */
export function effectsOf(warden: Warden, folder: string): Promise<PolicyEffects> {
  return PolicyEffects.open(insideOf(warden).guard, folder);
}

/**
 * Those of some users that the list of users does not have, as far as a principal may see it.
 *
 * @returns nothing for who may not list users
 */
export async function notListed(warden: Warden, principal: Principal, names: readonly string[]): Promise<string[]> {
  const listed = new Set((await insideOf(warden).guard.usersAmong(principal, names)) ?? names);
  return names.filter((name) => !listed.has(name));
}

/** The memories of one user by conditions with AND, OR and NOT. @throws MemwardenError invalid_principal, invalid_owner */
export function conditionedOf(warden: Warden, principal: Principal, userId: string): ConditionedMemory {
  const { guard } = insideOf(warden);
  return new ConditionedMemory(guard, guard.access(principal, userId));
}

/** What doors stand on beside a warden; none of it names memories. */
export interface DoorServices {
  readonly apiKeys: ApiKeys;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  /** Where a door tells of requests that it refused before any policy was asked. */
  readonly refusals: Refusals;
  /** The instance key of idempotency, which all processes share. @throws MemwardenError kms_unavailable, ... */
  readonly idempotencyKey: () => Promise<Buffer>;
  /** Ids that carry their owner sealed. */
  readonly handles: Handles;
  readonly nameOf: NameOf;
}

/** What doors stand on. */
export function servicesOf(warden: Warden): DoorServices {
  const { driver, settings, audit, policies, keys, cursorKeys, noteKey } = insideOf(warden).parts;
  const { clock } = settings;
  const refusals = new Refusals(audit.auditor, () => policies.engine.revision, clock);
  const idempotencyKey = async () => {
    if (!keys) throw new MemwardenError('closed');
    return (await keys.instance.current('idempotency')).secret;
  };
  // A composition without keys has those of its cursors.
  const handles = new Handles(keys?.instance.cursorKeys('handle') ?? cursorKeys, driver.tenant);
  const nameOf = keptNames(keys?.instance.cursorKeys('name') ?? cursorKeys);
  const apiKeys = new ApiKeys(driver.values, clock, nameOf, undefined, noteKey);
  return { apiKeys, values: driver.values, clock, refusals, idempotencyKey, handles, nameOf };
}

/** The settings of a warden, every default put in. */
export function settingsOf(warden: Warden): Settings {
  return insideOf(warden).parts.settings;
}

/** The tenant that a warden's store was made for; this one where it was made for none yet. */
export function boundTo(warden: Warden, tenant: string): Promise<string | undefined> {
  return insideOf(warden).parts.driver.service.bound('tenant', tenant);
}

/** How the tenants of a warden's store are kept apart; so, where nobody has said it yet. */
export function boundIsolation(warden: Warden, isolation: string | undefined): Promise<string | undefined> {
  return insideOf(warden).parts.driver.service.bound('isolation', isolation);
}

/** The random name of a warden's store. */
export function storeIdOf(warden: Warden): Promise<string> {
  return insideOf(warden).parts.driver.service.storeId();
}

/** What signs certificates of tenants that were dropped. */
export function certifyTenantOf(warden: Warden) {
  const { keys } = insideOf(warden).parts;
  return (dropped: DroppedTenant, remains: TenantRemains): Promise<TenantCertificate> => {
    if (!keys) throw new MemwardenError('closed');
    return certifyTenant(dropped, remains, keys.instance);
  };
}

/**
 * The ids of the keys that a user has, and had before they were rotated: an erasure leaves none, and who comes back after
 * one has others.
 *
 * @returns undefined where the user is being erased or has no key
 */
export async function keyIdsOf(warden: Warden, userId: string): Promise<readonly string[] | undefined> {
  const { keys, driver } = insideOf(warden).parts;
  if (!keys) throw new MemwardenError('closed');
  const ring = await keys.store.ring({ tenant: driver.tenant, userId });
  if (ring?.state !== 'active') return undefined;
  return [...ring.versions.map(({ keyId }) => keyId), ...(ring.retiredKeyIds ?? [])];
}

/** Writes a record to the audit log that tells of nothing else. @throws MemwardenError audit_unavailable, audit_timeout */
export async function probeAudit(warden: Warden): Promise<void> {
  const { audit, policies } = insideOf(warden).parts;
  const act = { action: 'audit', subject: 'AuditRecord', act: 'probe', phase: 'read', outcome: 'allowed' } as const;
  const about = { principal: OPERATOR, owner: undefined, ids: [], revision: policies.engine.revision };
  await audit.auditor.record({ ...act, ...about });
}

/**
 * Asks the policies anew whether a principal may do something to memories of a user, or of a space, at all, where nothing is to be done:
 * before the answer to a write that was carried out before is rendered.
 *
 * @throws MemwardenError forbidden
 */
export function assertPlanned(
  warden: Warden,
  principal: Principal,
  { user, space }: { readonly user?: string; readonly space?: string },
  action: ActionOf<'Memory'>,
): void {
  const { guard } = insideOf(warden);
  const access = space === undefined ? guard.access(principal, user) : guard.space(principal, space);
  access.plan(access.binding(), { action });
}

/**
 * Runs an act of a door that is on no memory: decided, and on record before anything of it is released.
 *
 * @throws MemwardenError forbidden, and what the act throws
 */
export function administered<T>(
  warden: Warden,
  principal: Principal,
  act: AdministrativeAct,
  run: (principal: Principal) => Promise<T>,
): Promise<T> {
  return insideOf(warden).guard.administer(principal, act, run);
}

/** Exports whose files the product keeps until they are fetched. */
export interface ExportDesk {
  /** Where files lie while they are written. */
  readonly folder: string;
  /** Asks whether an export may be run. @throws MemwardenError invalid_argument, forbidden, approval_required */
  assertMay(principal: Principal, options: ExportOptions): Promise<void>;
  /**
   * Runs one and keeps its files. What lies in the folder meanwhile is sealed under a key that this process alone has: of one
   * that was cut off nothing is left to go on with.
   *
   * @param job the id of its job, which the store does not hold
   */
  run(principal: Principal, options: ExportOptions, job: string): Promise<ExportResult>;
  /** A file of one that is done. @throws MemwardenError export_stale */
  file(job: string, name: string, principal: Principal, recipient?: string): Promise<AsyncIterable<Buffer>>;
}

/** Exports for doors. */
export function exportDeskOf(warden: Warden): ExportDesk {
  const { guard, parts, exports } = insideOf(warden);
  const { sealer, driver, settings, tenant } = parts;
  const kept = new KeptExports({
    guard,
    sealer,
    tenant: driver.tenant,
    values: driver.values,
    clock: settings.clock,
    cacheMs: settings.keys.cacheMs,
  });
  const inUse = () => {
    if (!exports) throw new MemwardenError('closed');
    return exports;
  };
  const { store, keys } = settings;
  return {
    folder:
      driver.tenant === DEFAULT_TENANT
        ? exportFolder(store, keys.ledger, tenant)
        : sharedExportFolder(store, keys.ledger, driver.tenant),
    assertMay: (principal, options) => inUse().assertMay(principal, toExport(options)),
    run(principal, options, job) {
      const order = toExport(options);
      const { out } = order;
      // Until they are kept they are nobody's to read: a process that dies leaves nothing that opens.
      const cover = sealedCover();
      const files = [out, `${out}.users.ndjson`].map((path) => [basename(path), () => bytesOf(path, cover)] as const);
      const about = { principal, by: order.filter.fields };
      const onDone = (found: () => AsyncIterable<KeptPart>) =>
        kept.keep(job, about, found(), Object.fromEntries(files));
      const beforePart = (userId: string) => kept.prepare(userId);
      return inUse().run(principal, { ...order, fresh: true, cover, noteIds: true, beforePart, onDone });
    },
    file: (job, name, principal, recipient) => kept.open(job, name, principal, recipient),
  };
}

async function* bytesOf(path: string, cover: Cover): AsyncGenerator<Buffer> {
  yield* cover.opened(await readOwn(path)) as AsyncIterable<Buffer>;
}

type KeptPart = Parameters<KeptExports['keep']>[2] extends AsyncIterable<infer T> ? T : never;

/** The policies in force, for the workbench. Whoever looks at them is decided on first. */
export function policySetOf(warden: Warden) {
  return insideOf(warden).parts.policies.engine.set;
}

type AdministrativeAct = Parameters<WardenInside['guard']['administer']>[1];

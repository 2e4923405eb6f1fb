import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isTenantId } from '../model/tenant.js';
import type { AuditSinkOptions } from './audit-options.js';
import { bareOf, type StorePlace } from './keys.js';
import { databaseBeside, databaseNameOf } from './mongodb-uri.js';
import type { Settings, WardenOptions } from './options.js';

/** Where everything of one tenant lies. */
export interface TenantPlaces {
  readonly store: StorePlace;
  readonly keyStore: StorePlace;
  readonly kms: string;
  /** The file of its own key-encryption key, where that is a file. */
  readonly keyFile: string | undefined;
  readonly ledger: string;
  readonly checkpoints: string;
  readonly sinks: readonly AuditSinkOptions[];
}

// What a server takes for the name of a database, in bytes (MongoDB manual, "Naming restrictions").
const LONGEST_DATABASE = 63;

/**
 * Where everything of a tenant lies: beside what the deployment itself uses, under a name that is made of the tenant's id
 * alone. An id is one plain name (`isTenantId`), so that no two tenants share a place and none leads out of its own.
 *
 * @param settings those of the deployment
 * @throws MemwardenError invalid_tenant; config_invalid where the deployment's own names would run into those of tenants
 */
export function tenantPlaces({ store, keys, audit }: Settings, tenant: string): TenantPlaces {
  if (!isTenantId(tenant)) throw new MemwardenError('invalid_tenant');
  assertApart(store, keys.store);
  const keyFile = keyFileOf(keys.kms, tenant);
  return {
    store: placeOf(store, tenant),
    keyStore: placeOf(keys.store, tenant),
    kms: keyFile === undefined ? keys.kms : `local:${keyFile}`,
    keyFile,
    ledger: join(`${keys.ledger}.tenants`, tenant),
    checkpoints: join(`${audit.checkpoints}.tenants`, tenant),
    sinks: audit.sinks.map((sink) =>
      sink.kind === 'file' ? { ...sink, path: join(`${sink.path}.tenants`, tenant) } : sink,
    ),
  };
}

/** What a tenant's warden is made with: all that the deployment says, at the tenant's own places. */
export function tenantOptions(
  settings: Settings,
  tenant: string,
  share: { readonly maxPoolSize: number; readonly searchIndexBytes: number },
): WardenOptions {
  const { store, keyStore, kms, ledger, checkpoints, sinks } = tenantPlaces(settings, tenant);
  const { policies, policyMaxStaleMs, defaultTtlMs, timeoutMs, watchPolicies, shadow, classify } = settings;
  const { embedder, onAlarm, clock, audit, keys } = settings;
  const { checkpointEveryMs, timeoutMs: auditTimeoutMs, door } = audit;
  const { cacheMs, cacheMax, retentionDays } = keys;
  return {
    ...{ store, policies, policyMaxStaleMs, defaultTtlMs, timeoutMs, watchPolicies, clock, ...share },
    keys: { store: keyStore, kms, ledger, cacheMs, cacheMax, retentionDays },
    audit: { checkpoints, checkpointEveryMs, timeoutMs: auditTimeoutMs, door, sinks },
    ...(shadow ? { shadow } : {}),
    ...(classify === undefined ? {} : { classify }),
    ...(embedder ? { embedder } : {}),
    ...(onAlarm ? { onAlarm } : {}),
  };
}

/**
 * Where the files of the exports of a server lie while they are written: a folder of one store alone, under a name that
 * nothing else has. No tenant's id holds a dot, so that the folder of one is never in another's.
 */
export function exportFolder(store: StorePlace, ledger: string, tenant?: string): string {
  if (store.kind === 'embedded') return `${bareOf(store.path)}.http-exports`;
  // Where there is no data here, beside the ledger's own folder: that of the process may be read-only.
  const above = tenant === undefined ? dirname(dirname(ledger)) : dirname(dirname(dirname(ledger)));
  const name = createHash('sha256').update(JSON.stringify([databaseNameOf(store.uri), resolve(ledger)]));
  return join(above, `http-exports-${name.digest('hex').slice(0, 32)}`);
}

/** The same of a tenant that shares a store. */
export function sharedExportFolder(store: StorePlace, ledger: string, tenant: string): string {
  if (!isTenantId(tenant)) throw new MemwardenError('invalid_tenant');
  return `${exportFolder(store, ledger)}.${tenant}`;
}

function placeOf(place: StorePlace, tenant: string): StorePlace {
  if (place.kind === 'embedded') return { kind: 'embedded', path: join(`${bareOf(place.path)}.tenants`, tenant) };
  const uri = databaseBeside(place.uri, `-t-${tenant}`);
  if (Buffer.byteLength(databaseNameOf(uri)) > LONGEST_DATABASE)
    throw new MemwardenError('invalid_tenant', { limit: LONGEST_DATABASE });
  return { kind: 'mongodb', uri };
}

// A key file lies in a folder of its own beside the deployment's, whatever that file is called after a rewrap.
function keyFileOf(kms: string, tenant: string): string | undefined {
  if (!kms.startsWith('local:')) return undefined;
  const [path = ''] = kms.slice('local:'.length).split('?');
  return join(dirname(path), 'tenants', tenant);
}

// `x` and `x-t-y` name databases of a deployment and of a tenant.
function assertApart(store: StorePlace, keys: StorePlace): void {
  if (store.kind !== 'mongodb' || keys.kind !== 'mongodb') return;
  const [data, wrapped] = [databaseNameOf(store.uri), databaseNameOf(keys.uri)];
  if (wrapped.startsWith(`${data}-t-`) || data.startsWith(`${wrapped}-t-`))
    throw new MemwardenError('config_invalid', { argument: 'keys.store', reason: 'named as a tenant would be' });
}

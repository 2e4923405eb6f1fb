import './fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { WardenOptions } from '../../src/config/options.js';
import { ISOLATIONS, type Isolation } from '../../src/tenants/isolation.js';
import type { TenantsOptions } from '../../src/tenants/options.js';
import { openTenantsWith, type TenantActs, type Tenants } from '../../src/tenants/tenants.js';
import { describeOnTypicalMongo, freshDatabase } from './mongo/describe.js';

/** Where the tenants of a test lie. */
export interface TenantsPlace {
  /** Everything that is a file lies in it. */
  readonly folder: string;
  readonly warden: WardenOptions & { readonly store: NonNullable<WardenOptions['store']> };
  remove(): Promise<void>;
}

/** Tenants that were opened, and how to open them as another process does. */
export interface OpenedTenants {
  readonly tenants: Tenants;
  readonly place: TenantsPlace;
  again(options?: Partial<TenantsOptions>, acts?: TenantActs): Promise<Tenants>;
}

/** Opens tenants in a fresh place. Nothing waits: no other process holds a key. */
export type OpenTenants = (options?: Partial<TenantsOptions>, acts?: TenantActs) => Promise<OpenedTenants>;

const AT_ONCE: TenantActs = { wait: () => Promise.resolve() };

/** A place on this machine. */
export function embeddedTenants(): TenantsPlace {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-tenants-'));
  return {
    folder,
    warden: { store: { kind: 'embedded', path: join(folder, 'data') }, keys: filesIn(folder), ...auditIn(folder) },
    remove: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  };
}

/** A place on a MongoDB deployment. */
export function mongoTenants(uri: string): TenantsPlace {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-tenants-'));
  const [data, keys] = [freshDatabase(uri), freshDatabase(uri)];
  return {
    folder,
    warden: {
      store: { kind: 'mongodb', uri: data.uri },
      keys: { ...filesIn(folder), store: { kind: 'mongodb', uri: keys.uri } },
      migrate: true,
      ...auditIn(folder),
    },
    async remove() {
      const client = new MongoClient(uri);
      const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
      const own = databases.filter(({ name }) => name.startsWith(data.name) || name.startsWith(keys.name));
      await Promise.all(own.map(({ name }) => client.db(name).dropDatabase()));
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function filesIn(folder: string): NonNullable<WardenOptions['keys']> {
  return {
    store: { kind: 'embedded', path: join(folder, 'keystore') },
    kms: `local:${join(folder, 'keys', 'kek')}`,
    ledger: join(folder, 'ledger', 'erasures.ndjson'),
  };
}

function auditIn(folder: string): Pick<WardenOptions, 'audit'> {
  return { audit: { checkpoints: join(folder, 'checkpoints') } };
}

/** What a suite runs on. */
export type TenantsSuite = (open: OpenTenants, store: 'embedded' | 'mongodb', isolation: Isolation) => void;

/** Runs a suite with tenants of each isolation, on the embedded store and on a MongoDB deployment, where there is one. */
export function describeTenants(
  name: string,
  suite: TenantsSuite,
  isolations: readonly Isolation[] = ISOLATIONS,
  stores: readonly ('embedded' | 'mongodb')[] = ['embedded', 'mongodb'],
): void {
  for (const isolation of isolations) {
    const title = `${name}, ${isolation}`;
    if (stores.includes('embedded'))
      describe(`${title} [embedded]`, () => suite(opener(embeddedTenants, isolation), 'embedded', isolation));
    if (stores.includes('mongodb'))
      describeOnTypicalMongo(title, ({ uri }) =>
        suite(
          opener(() => mongoTenants(uri), isolation),
          'mongodb',
          isolation,
        ),
      );
  }
}

function opener(makePlace: () => TenantsPlace, isolation: Isolation): OpenTenants {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return async (options = {}, acts = {}) => {
    const place = makePlace();
    ends.push(() => place.remove());
    const again: OpenedTenants['again'] = async (other = options, otherActs = acts) => {
      const warden = { ...place.warden, ...other.warden };
      const tenants = await openTenantsWith({ isolation, ...other, warden }, { ...AT_ONCE, ...otherActs });
      ends.push(() => tenants.close());
      return tenants;
    };
    return { tenants: await again(options, acts), place, again };
  };
}

/** The same with isolation `database` alone, of what does not depend on it. */
export function describeTenantsApart(name: string, suite: TenantsSuite): void {
  describeTenants(name, suite, ['database']);
}

/** An operator of the deployment. */
export const OPERATOR = { id: 'operator', role: 'admin' } as const;
/** An agent of a tenant that acts for a user. */
export const agentIn = (tenant: string, userId: string) => ({ id: 'bot', role: 'agent', userId, tenant }) as const;
/** An admin of a tenant. */
export const adminIn = (tenant: string) => ({ id: 'officer', role: 'admin', tenant }) as const;

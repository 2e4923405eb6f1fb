import { randomBytes } from 'node:crypto';
import { describe, test } from '@jest/globals';
import { MongoClient } from 'mongodb';

export interface TestDeployment {
  /** `given` is the server of MEMWARDEN_TEST_MONGODB_URI, of whatever kind that is. */
  kind: 'standalone' | 'replica-set' | 'sharded' | 'given';
  uri: string;
}

/** The deployments that the global setup started; empty where there is no server. */
export function deployments(): TestDeployment[] {
  return JSON.parse(process.env['MEMWARDEN_TEST_DEPLOYMENTS'] || '[]') as TestDeployment[];
}

/** Runs the suite once on each deployment. Without one it is skipped, or fails where MEMWARDEN_REQUIRE_MONGODB is 1. */
export function describeOnMongo(name: string, suite: (deployment: TestDeployment) => void): void {
  describeOn(deployments(), name, suite);
}

/**
 * The same on one deployment, a replica set where there is one: for what stands above the store port, whose contract is
 * shown on every kind of deployment. MEMWARDEN_TEST_EVERY=1 runs it on all of them.
 */
export function describeOnTypicalMongo(name: string, suite: (deployment: TestDeployment) => void): void {
  const all = deployments();
  const typical = all.find(({ kind }) => kind === 'replica-set') ?? all[0];
  const isEvery = process.env['MEMWARDEN_TEST_EVERY'] === '1';
  describeOn(isEvery || !typical ? all : [typical], name, suite);
}

/**
 * Runs a suite that starts, stops and kills servers of its own. Where there is no `mongod` to start, or a server was
 * given by its URI, it is skipped under a name that says so.
 */
export function describeWithOwnServers(name: string, suite: () => void): void {
  if (deployments().some(({ kind }) => kind !== 'given')) describe(name, suite);
  else describe.skip(`SKIPPED, there is no mongod that could be started and killed: ${name}`, suite);
}

function describeOn(all: readonly TestDeployment[], name: string, suite: (deployment: TestDeployment) => void): void {
  for (const deployment of all) describe(`${name} [MongoDB ${deployment.kind}]`, () => suite(deployment));
  if (all.length > 0) return;
  const required = process.env['MEMWARDEN_REQUIRE_MONGODB'] === '1';
  (required ? describe : describe.skip)(name, () => {
    test('SKIPPED: no MongoDB server (put mongod on the PATH, or see the banner of the test run)', () => {
      throw new Error('MEMWARDEN_REQUIRE_MONGODB=1, but there is no MongoDB server');
    });
  });
}

export interface FreshDatabase {
  uri: string;
  name: string;
  drop(): Promise<void>;
}

/** A database of a random name on the server of this URI. It exists from the first write until `drop`. */
export function freshDatabase(uri: string): FreshDatabase {
  const name = `memwarden_test_${randomBytes(8).toString('hex')}`;
  const database = withDatabase(uri, name);
  const drop = async () => {
    const client = new MongoClient(database);
    try {
      await client.db().dropDatabase();
    } finally {
      await client.close();
    }
  };
  return { uri: database, name, drop };
}

function withDatabase(uri: string, name: string): string {
  // Not `new URL`: it knows one host only.
  const [, server, database, query] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  if (!server) throw new Error('not a MongoDB connection string');
  const options = query ? [query] : [];
  // The database of the path is also where a user is looked up, unless authSource says otherwise.
  if (server.includes('@') && !/(^|&)authSource=/i.test(query ?? '')) options.push(`authSource=${database || 'admin'}`);
  return `${server}/${name}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}

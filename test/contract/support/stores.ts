import '../../support/fresh-lmdb.js';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { StoreDriver } from '../../../src/store/driver.js';
import { spaceOwner } from '../../../src/model/space.js';
import type { Partition } from '../../../src/store/partition.js';
import type { Steps } from '../../../src/store/steps.js';
import {
  describeOnMongo,
  describeOnTypicalMongo,
  freshDatabase,
  type TestDeployment,
} from '../../support/mongo/describe.js';
import { rawEmbedded, rawMongo, type Raw } from '../../support/raw.js';
import { openPlace, type Place } from './place.js';

/** A prepared store that a suite shares; each test takes partitions of its own. */
export interface Fixture {
  readonly place: Place;
  readonly driver: StoreDriver;
  /** What lies in the store, past every plan. */
  readonly raw: Raw;
  /** Another driver on the same store, as another process has it; closed at the end. */
  open(steps?: Steps): Promise<StoreDriver>;
}

interface Started {
  readonly place: Place;
  raw(): Promise<Raw>;
  remove(): Promise<void>;
}

/** Runs a suite on the embedded store and on each MongoDB deployment there is. */
export function describeStores(name: string, suite: (fixture: () => Fixture) => void): void {
  describe(`${name} [embedded]`, () => suite(useFixture(startEmbedded)));
  describeOnMongo(name, (deployment) => suite(useFixture(() => startMongo(deployment))));
}

/** Runs a suite on the embedded store and on one MongoDB deployment: for what no kind of deployment changes. */
export function describeStoreKinds(name: string, suite: (fixture: () => Fixture) => void): void {
  describe(`${name} [embedded]`, () => suite(useFixture(startEmbedded)));
  describeOnTypicalMongo(name, (deployment) => suite(useFixture(() => startMongo(deployment))));
}

/** Runs a suite on each MongoDB deployment there is. */
export function describeMongo(name: string, suite: (fixture: () => Fixture, deployment: TestDeployment) => void): void {
  describeOnMongo(name, (deployment) =>
    suite(
      useFixture(() => startMongo(deployment)),
      deployment,
    ),
  );
}

/** A partition that nothing else is in, of a tenant that nothing else is of. */
export function freshPartition(): Partition {
  return { tenant: `tenant-${randomUUID()}`, userId: `user-${randomUUID()}` };
}

/** A shared space that nothing else is in, of a tenant that nothing else is of. */
export function freshSpace(): Partition {
  return { tenant: `tenant-${randomUUID()}`, userId: spaceOwner(randomUUID()) };
}

/** The raw memories and states of a partition. */
export async function rawOf(raw: Raw, partition: Partition): Promise<Record<string, unknown>[]> {
  const rows = [...(await raw.memories()), ...(await raw.states())];
  return rows.filter((row) => [partition.userId, storedName(partition)].includes(String(row['user_id'])));
}

/** What MongoDB's collections have for the owner of a partition of a tenant. */
export function storedName({ tenant, userId }: Partition): string {
  return `${tenant}/${userId}`;
}

function useFixture(start: () => Started): () => Fixture {
  let fixture: Fixture | undefined;
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const { place, raw, remove } = start();
    ends.push(remove);
    const driver = await openPlace(place);
    ends.push(() => driver.close());
    await driver.migrate();
    const looked = await raw();
    ends.push(() => looked.close());
    const open = async (steps?: Steps) => {
      const other = await openPlace(place, steps);
      ends.push(() => other.close());
      return other;
    };
    fixture = { place, driver, raw: looked, open };
  }, 120_000);
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return () => {
    if (!fixture) throw new Error('the store did not start');
    return fixture;
  };
}

function startEmbedded(): Started {
  const path = mkdtempSync(join(tmpdir(), 'memwarden-contract-'));
  const remove = () => Promise.resolve(rmSync(path, { recursive: true, force: true }));
  return { place: { kind: 'embedded', path }, raw: () => rawEmbedded(path), remove };
}

// What a test plants is there for every reader once it is acknowledged.
function settled(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}w=majority&journal=true`;
}

function startMongo({ uri }: TestDeployment): Started {
  const database = freshDatabase(uri);
  const place = { kind: 'mongodb', uri: database.uri } as const;
  return { place, raw: () => rawMongo(settled(database.uri)), remove: () => database.drop() };
}

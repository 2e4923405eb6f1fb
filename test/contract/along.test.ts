import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Along, StoredGroup } from '../../src/model/audit-storage.js';
import type { Join } from '../../src/model/auditor.js';
import type { StoreDriver } from '../../src/store/driver.js';
import { openEmbedded } from '../../src/store/embedded/driver.js';
import { openTables } from '../../src/store/embedded/environment.js';
import { EmbeddedAudit } from '../../src/store/embedded/audit.js';
import { EmbeddedWrites } from '../../src/store/embedded/writes.js';
import { driverOfTenant } from '../../src/store/of-tenant/driver.js';
import type { Partition } from '../../src/store/partition.js';
import { plannedInsert } from '../../src/store/planned.js';
import { outcome } from '../support/warden.js';
import { at, changeOf, everythingIn, namedIn, nextOf, recordOf, store, targetsOf } from './support/records.js';
import { describeStoreKinds, freshPartition, freshSpace } from './support/stores.js';

let last = 0;
const groupNo = (stream: string, group: number): StoredGroup => ({ stream, group, body: Buffer.from(`row ${group}`) });
const freshStream = () => `stream-${(last += 1)}-${process.pid}`;

/** What a write may ask for; a store that does not ask for it does not end it. */
const joining = (along: Along | undefined, told: string[] = []): Join => {
  return () => {
    told.push('asked');
    return Promise.resolve(along && { along, end: () => (told.push('ended'), Promise.resolve(undefined)) });
  };
};

async function rowsOf(driver: StoreDriver, stream: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const { group, body } of driver.audit.groups(stream)) rows.push(`${group}: ${body.toString()}`);
  return rows;
}

describeStoreKinds('S24: what a write of memories takes along', (fixture) => {
  const isMongo = () => fixture().driver.kind === 'mongodb';
  const rowAt = (group: number) => (isMongo() ? [] : [`${group}: row ${group}`]);

  /** The three writes on fresh records, each with something to take along, one after the other. */
  function writesOn({ planned }: StoreDriver, partition: Partition) {
    const id = namedIn(partition);
    const [one, two] = [recordOf(partition, id('one')), recordOf(partition, id('two'))];
    const query = everythingIn(partition);
    return {
      insert: (join: Join) => planned.insert(plannedInsert(partition, [one, two], true, 0), join),
      replace: (join: Join) => planned.replace(query, changeOf(one, nextOf(one)), 0, join),
      remove: (join: Join) => planned.remove(query, targetsOf([two]), at(1), 0, join),
    };
  }

  test.each([
    ['a user', () => freshPartition(), (driver: StoreDriver) => driver],
    ['a shared space', () => freshSpace(), (driver: StoreDriver) => driver],
    ['a tenant', () => freshPartition(), (driver: StoreDriver, tenant: string) => driverOfTenant(driver, tenant)],
  ])('of %s is there with the write on the embedded store; MongoDB does not ask for it', async (_, fresh, boundTo) => {
    const { driver } = fixture();
    const partition = fresh();
    const writes = writesOn(boundTo(driver, partition.tenant), partition);
    for (const name of ['insert', 'replace', 'remove'] as const) {
      const stream = freshStream();
      const told: string[] = [];
      await writes[name](joining(driver.audit.along?.(groupNo(stream, 7)), told));
      expect([name, told, await rowsOf(driver, stream)]).toEqual([name, isMongo() ? [] : ['asked', 'ended'], rowAt(7)]);
    }
    expect(await driver.planned.count(everythingIn(partition))).toBe(1);
  });

  test('is not there where the write does not take effect as a whole', async () => {
    const { driver } = fixture();
    const { planned } = driver;
    const partition = freshPartition();
    const id = namedIn(partition);
    const [one, two, three] = ['one', 'two', 'three'].map((name) => recordOf(partition, id(name)));
    await store(driver, [one!, two!]);
    const query = everythingIn(partition);
    const stream = freshStream();
    const told: string[] = [];
    const join = joining(driver.audit.along?.(groupNo(stream, 1)), told);
    const late = changeOf(nextOf(one!), nextOf(nextOf(one!)));
    expect(await planned.replace(query, late, 0, join)).toBe(false);
    expect(await planned.remove(query, targetsOf([two!, nextOf(one!)]), at(1), 0, join)).toBe(1);
    for (const atomic of [true, false])
      expect(await outcome(() => planned.insert(plannedInsert(partition, [three!, one!], atomic, 0), join))).toBe(
        'store_duplicate',
      );
    await driver.maintenance.fence(partition, 5);
    expect(await outcome(() => planned.replace(query, changeOf(one!, nextOf(one!)), 4, join))).toBe('epoch_over');
    expect(await rowsOf(driver, stream)).toEqual([]);
    expect(told).toEqual(isMongo() ? [] : Array(5).fill(['asked', 'ended']).flat());
    // What took effect in part did so without it.
    expect(await planned.count(query)).toBe(2);
  });

  test('is left out where another row stands in its place, and the write takes effect without it', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const stream = freshStream();
    await driver.audit.append({ stream, group: 1, body: Buffer.from('of another') });
    const writes = writesOn(driver, partition);
    await writes.insert(joining(driver.audit.along?.(groupNo(stream, 1))));
    expect(await rowsOf(driver, stream)).toEqual(['1: of another']);
    expect(await driver.planned.count(everythingIn(partition))).toBe(2);
  });

  test('is left out where it is of another store, or of nobody', async () => {
    const { driver } = fixture();
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-along-'));
    const other = await openEmbedded({ path: folder });
    try {
      const stream = freshStream();
      for (const along of [other.audit.along?.(groupNo(stream, 1)), Object.freeze({}) as Along, undefined]) {
        const partition = freshPartition();
        await writesOn(driver, partition).insert(joining(along));
        expect(await driver.planned.count(everythingIn(partition))).toBe(2);
      }
      expect([await rowsOf(driver, stream), await rowsOf(other, stream)]).toEqual([[], []]);
    } finally {
      await other.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('S24: a transaction that fails after both were put leaves neither the effect nor what went along [embedded]', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-along-'));
  const tables = await openTables(folder);
  try {
    const audit = new EmbeddedAudit(tables);
    const partition = freshPartition();
    const record = recordOf(partition, 'one');
    let put: unknown;
    const failing = new EmbeddedWrites({
      ...tables,
      write: (work) =>
        tables.write(() => {
          work();
          put = [tables.memories.getKeysCount(), tables.audit.getKeysCount()];
          throw new Error('no room');
        }),
    });
    const insert = (writes: EmbeddedWrites) =>
      writes.insert(plannedInsert(partition, [record], true, 0), joining(audit.along(groupNo('stream', 1))));
    const there = () => {
      tables.root.resetReadTxn();
      return [tables.memories.getKeysCount(), tables.audit.getKeysCount()];
    };
    await expect(insert(failing)).rejects.toThrow('no room');
    expect([put, there()]).toEqual([
      [1, 1],
      [0, 0],
    ]);
    await insert(new EmbeddedWrites(tables));
    expect(there()).toEqual([1, 1]);
  } finally {
    await tables.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

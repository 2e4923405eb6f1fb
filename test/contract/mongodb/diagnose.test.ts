import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { MongoClient, type Db, type Document } from 'mongodb';
import { describeOnMongo, freshDatabase } from '../../support/mongo/describe.js';
import { codeOf } from '../support/records.js';
import { openPlace } from '../support/place.js';

describeOnMongo('A deployment that something is wrong with', ({ uri, kind }) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const setUp = async () => {
    const database = freshDatabase(uri);
    ends.push(() => database.drop());
    const client = await new MongoClient(database.uri).connect();
    ends.push(() => client.close());
    const driver = await openPlace({ kind: 'mongodb', uri: database.uri });
    ends.push(() => driver.close());
    const wrong = async () =>
      (await driver.diagnose()).filter(({ ok, check }) => !ok && check !== 'authorization').map(({ check }) => check);
    return { driver, db: client.db(), wrong };
  };

  test('a store that was never prepared is refused, and the diagnosis says so', async () => {
    const { driver, wrong } = await setUp();
    expect(await codeOf(driver.assertMigrated())).toBe('store_not_migrated');
    expect(await wrong()).toEqual(['migrated']);
    await driver.migrate();
    expect(await codeOf(driver.assertMigrated())).toBeUndefined();
    expect(await wrong()).toEqual([]);
  });

  test('S16: a server that does not ask who connects is one that something is wrong with', async () => {
    const { driver } = await setUp();
    await driver.migrate();
    const found = await driver.diagnose();
    const isGiven = kind === 'given';
    if (!isGiven) expect(found).toContainEqual(expect.objectContaining({ check: 'authorization', ok: false }));
    else expect(found.map(({ check }) => check)).toContain('authorization');
  });

  test('a store of another version of the schema is refused', async () => {
    const { driver, db } = await setUp();
    await driver.migrate();
    const marker = { _id: 'schema' } as Document;
    await db
      .collection('instance_keys')
      .updateOne(marker, { $inc: { version: 1 } }, { writeConcern: { w: 'majority' } });
    expect(await codeOf(driver.assertMigrated())).toBe('store_not_migrated');
  });

  const faults: [string, (db: Db) => Promise<unknown>, string][] = [
    [
      'an index that is missing',
      (db) => db.collection('memories').dropIndex('partition_recent'),
      'indexes of memories',
    ],
    [
      'an index of the right name over other keys',
      async (db) => {
        await db.collection('history').dropIndex('partition_memory');
        await db.collection('history').createIndex({ user_id: 1, memory_id: 1 }, { name: 'partition_memory' });
      },
      'indexes of history',
    ],
    [
      'an index of the right name over the right keys in another order',
      async (db) => {
        await db.collection('history').dropIndex('partition_memory');
        await db
          .collection('history')
          .createIndex({ memory_id: 1, user_id: 1, version: 1 }, { name: 'partition_memory' });
      },
      'indexes of history',
    ],
    [
      'an index that leaves documents out',
      async (db) => {
        await db.collection('partitions').dropIndex('users');
        await db.collection('partitions').createIndex({ tenant: 1, user_id: 1 }, { name: 'users', sparse: true });
      },
      'indexes of partitions',
    ],
    [
      'a validator that was taken away',
      (db) => db.command({ collMod: 'memories', validator: {} }),
      'validator of memories',
    ],
    [
      'a validator that only warns',
      (db) => db.command({ collMod: 'history', validationAction: 'warn' }),
      'validator of history',
    ],
    [
      'a validator that spares what is malformed already',
      (db) => db.command({ collMod: 'memories', validationLevel: 'moderate' }),
      'validator of memories',
    ],
  ];
  test.each(faults)('%s is found, and migrate mends what it can', async (_, fault, check) => {
    const { driver, db, wrong } = await setUp();
    await driver.migrate();
    await fault(db);
    expect(await wrong()).toEqual([check]);
    const mends = !check.startsWith('indexes') || check === 'indexes of memories';
    // An index of the same name over other keys is for the operator to drop.
    expect(await codeOf(driver.migrate())).toBe(mends ? undefined : 'store_refused');
    expect(await wrong()).toEqual(mends ? [] : [check]);
  });

  test('S3: a collection that does not compare byte by byte is found, and migrate refuses it', async () => {
    const { driver, db, wrong } = await setUp();
    await db.createCollection('memories', { collation: { locale: 'en', strength: 1 } });
    expect(await codeOf(driver.migrate())).toBe('store_unsafe');
    expect(await wrong()).toContain('collation of memories');
    expect(await codeOf(driver.assertMigrated())).toBe('store_not_migrated');
  });

  if (kind === 'sharded')
    test('a collection of a cluster that is not sharded is found', async () => {
      const { driver, db, wrong } = await setUp();
      await driver.migrate();
      await db.dropCollection('history');
      await db.createCollection('history');
      expect(await wrong()).toEqual(expect.arrayContaining(['sharding of history']));
      await driver.migrate();
      expect(await wrong()).toEqual([]);
    });

  test('a write that was begun long ago and never ended is found', async () => {
    const { driver, db, wrong } = await setUp();
    await driver.migrate();
    const writers = [{ token: randomBytes(4).toString('hex'), at: new Date(Date.now() - 120_000) }];
    const row: Document = {
      _id: 'default/u',
      tenant: 'default',
      user_id: 'u',
      revision: 1,
      created_at: new Date(),
      writers,
    };
    await db.collection<Document>('partitions').insertOne(row, { writeConcern: { w: 'majority', j: true } });
    expect(await wrong()).toEqual(['unfinished writes']);
    await driver.maintenance.repair({ tenant: 'default', userId: 'u' }, new Date());
    expect(await wrong()).toEqual([]);
  });
});

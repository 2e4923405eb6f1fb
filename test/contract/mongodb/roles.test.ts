import { expect, test } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import { excessOf } from '../../../src/store/mongodb/authorization.js';
import { applicationPrivileges, keyPrivileges, rolePlans } from '../../../src/store/mongodb/privileges.js';
import { setUpRoles } from '../../../src/store/mongodb/roles.js';
import { COLLECTIONS } from '../../../src/store/mongodb/schema.js';
import { describeOnMongo, freshDatabase } from '../../support/mongo/describe.js';
import { soundRecord } from '../../support/raw.js';
import { openPlace } from '../support/place.js';

describeOnMongo('Roles and the view of public rows', ({ uri }) => {
  test('S16: are made on every kind of deployment, and made again change nothing; the view shows public rows alone', async () => {
    const database = freshDatabase(uri);
    const keys = freshDatabase(uri);
    const driver = await openPlace({ kind: 'mongodb', uri: database.uri });
    const client = await new MongoClient(database.uri).connect();
    const db = client.db();
    try {
      await driver.migrate();
      const passwords = { application: 'a'.repeat(16), reporting: 'b'.repeat(16), migrator: 'c'.repeat(16) };
      const options = { uri: database.uri, timeoutMs: 20_000 };
      const first = await setUpRoles(options, keys.uri, () => Promise.resolve(passwords));
      expect(first.map(({ user, made }) => [user, made])).toEqual([
        ['memwarden_application', true],
        ['memwarden_reporting', true],
        ['memwarden_migrator', true],
      ]);
      const definition = () => db.listCollections({ name: 'memories_public' }).toArray();
      const before = await definition();
      const again = await setUpRoles(options, keys.uri, () => Promise.reject(new Error('nobody is made')));
      expect(again.map(({ made }) => made)).toEqual([false, false, false]);
      expect(await definition()).toEqual(before);
      const { content: _, id: __, ...row } = soundRecord('alice', 'x');
      const past = new Date(Date.now() - 1_000);
      const rows: Document[] = [
        { ...row, _id: 'public' },
        { ...row, _id: 'later', expires_at: new Date(Date.now() + 3_600_000) },
        { ...row, _id: 'private', sensitivity: 'private' },
        { ...row, _id: 'sensitive', sensitivity: 'sensitive' },
        { ...row, _id: 'expired', expires_at: past },
        { ...row, _id: 'on its way out', act: { kind: 'delete', token: 't', at: past } },
      ];
      await db.collection<Document>('memories').insertMany(rows, { writeConcern: { w: 'majority' } });
      // What no validator of today would let in.
      const old: Document[] = [
        { ...row, _id: 'a list', sensitivity: ['public', 'private'] },
        { ...row, _id: 'never', expires_at: null },
      ];
      await db.collection<Document>('memories').insertMany(old, { bypassDocumentValidation: true });
      const seen = await db.collection('memories_public').find().sort({ _id: 1 }).toArray();
      expect(seen.map(({ _id }) => String(_id))).toEqual(['later', 'public']);
    } finally {
      await client.close();
      await driver.close();
      for (const { uri: own } of [database, keys]) {
        const cleaner = await new MongoClient(own).connect();
        await cleaner.db().command({ dropAllUsersFromDatabase: 1 });
        await cleaner.db().command({ dropAllRolesFromDatabase: 1 });
        await cleaner.close();
      }
      await database.drop();
      await keys.drop();
    }
  });
});

test('S16: every collection of the store has its rights, and the log is never changed by the application', () => {
  const named = applicationPrivileges('d').map(({ resource }) => resource.collection);
  for (const { name } of COLLECTIONS) expect(named).toContain(name);
  const audit = applicationPrivileges('d').find(({ resource }) => resource.collection === 'audit');
  expect(audit?.actions).toEqual(['find', 'insert', 'listIndexes']);
  const actions = rolePlans('d', 'k').flatMap(({ privileges }) => privileges.flatMap((one) => one.actions));
  const never = /drop|User|Role|bypass|anyAction|internal/i;
  expect(actions.filter((action) => never.test(action))).toEqual([]);
});

test('S16: what is beyond the needs of the application is told, in whatever form it is held', () => {
  const own = [...applicationPrivileges('d'), ...keyPrivileges('k')];
  expect(excessOf(own, 'd')).toEqual([]);
  const more = (resource: Document, ...actions: string[]) => excessOf([...own, { resource, actions }], 'd');
  expect(more({ db: 'd', collection: 'audit' }, 'remove', 'find')).toEqual(['remove on d / audit']);
  expect(more({ db: 'd', collection: '' }, 'find')).toEqual(['find on d / all collections']);
  expect(more({ cluster: true }, 'shutdown')).toEqual(['shutdown on the server']);
  expect(more({ anyResource: true }, 'anyAction')).toContain('anyAction on the server');
  expect(more({ db: 'other', collection: 'x' }, 'find')).toContain('find on other / x');
});

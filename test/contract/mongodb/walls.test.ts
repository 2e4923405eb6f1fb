import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoClient, type Db, type Document, type Long } from 'mongodb';
import { openWarden, type Warden } from '../../../src/warden.js';
import { cli, json, lines } from '../../cli/in-process.js';
import { describeWithOwnServers } from '../../support/mongo/describe.js';
import { startAuthorized, type Deployment } from '../../support/mongo/deployment.js';
import { ADMIN, agentOf, outcome } from '../../support/warden.js';
import { ATTEMPTS, PUBLIC_ROWS, type Attempting } from './support/reporting-attempts.js';

const DATABASE = 'walls';
const KEYS = `${DATABASE}-keys`;
// Of what only rows above public say, and of what no row of the view may say.
const ABOVE = ['oncology', 'carol', 'session-of-carol', '"private"', '"sensitive"', 'COUNTED', 'FAILED ON A ROW'];

describeWithOwnServers('A server that asks who connects', () => {
  let server: Deployment;
  let folder: string;
  let administrator: MongoClient;
  let db: Db;
  let passwords: Record<string, string>;
  const uriOf = (user?: string, password?: string) => {
    const url = server.uri.replace(/\/\?/, `/${DATABASE}?`);
    if (user === undefined) return url;
    return url
      .replace(/\/\/[^@]*@/, `//${user}:${encodeURIComponent(password ?? '')}@`)
      .replace(/&authSource=admin/, '');
  };
  const as = (use: string) => uriOf(`memwarden_${use}`, passwords[use]);
  const flags = (uri: string) => ['--mongodb-uri', uri, '--json'];
  const open = (uri: string, migrate = false): Promise<Warden> =>
    openWarden(
      {
        store: { kind: 'mongodb', uri },
        migrate,
        classify: false,
        audit: { checkpoints: join(folder, 'checkpoints') },
      },
      { wait: () => Promise.resolve() },
    );
  const withWarden = async <T>(uri: string, act: (warden: Warden) => Promise<T>): Promise<T> => {
    const warden = await open(uri);
    try {
      return await act(warden);
    } finally {
      await warden.close();
    }
  };
  const withClient = async <T>(uri: string, act: (client: MongoClient) => Promise<T>): Promise<T> => {
    const client = await new MongoClient(uri).connect();
    try {
      return await act(client);
    } finally {
      await client.close();
    }
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'memwarden-walls-'));
    process.env['MEMWARDEN_KMS'] = `local:${join(folder, 'keys', 'kek')}`;
    process.env['MEMWARDEN_LEDGER'] = join(folder, 'ledger', 'erasures.ndjson');
    server = await startAuthorized();
    administrator = await new MongoClient(uriOf()).connect();
    db = administrator.db(DATABASE);
    const file = join(folder, 'passwords.json');
    const made = await cli(['migrate', '--roles', '--passwords-out', file, ...flags(uriOf())]);
    expect([made.exit, made.err]).toEqual([0, '']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    passwords = json(await readFile(file, 'utf8')) as Record<string, string>;
    for (const password of Object.values(passwords)) expect(made.out).not.toContain(password);
    await withWarden(as('application'), fill);
  }, 120_000);
  afterAll(async () => {
    delete process.env['MEMWARDEN_KMS'];
    delete process.env['MEMWARDEN_LEDGER'];
    await administrator?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function fill(warden: Warden): Promise<void> {
    const alice = warden.scope(ADMIN, 'alice');
    await alice.add('likes green tea', { level: 'public', category: 'drinks' });
    const lapsed = await alice.add('is away today', { level: 'public', category: 'lapsed' });
    await warden.credentials.create(ADMIN, { name: 'of the walls', role: 'agent', users: ['alice'] });
    const bob = warden.scope(ADMIN, 'bob');
    await bob.add('plays chess', { level: 'public', category: 'games' });
    for (let i = 0; i < 8; i += 1)
      await alice.add(`sees a doctor ${i}`, { level: i % 2 ? 'private' : 'sensitive', category: 'oncology' });
    const { id } = await warden.scope(ADMIN, 'carol').add('has a secret', { sessionId: 'session-of-carol' });
    await warden.scope(ADMIN, 'carol').update(id, { content: 'has another secret' });
    await db
      .collection('memories')
      .updateOne({ _id: lapsed.id } as Document, { $set: { expires_at: new Date(Date.now() - 1_000) } });
  }

  describe("the application's user", () => {
    test('does all that the product does: create, read, list, search, update, delete, history, count, export, purge, erase, verify', async () => {
      await withWarden(as('application'), async (warden) => {
        const memory = warden.scope(agentOf('dave'), 'dave');
        const { id } = await memory.add('has a red bicycle', { level: 'public' });
        await memory.addMany([{ content: 'one' }, { content: 'two' }]);
        expect(await memory.get(id)).toMatchObject({ content: 'has a red bicycle' });
        expect((await memory.list()).memories).toHaveLength(3);
        expect((await memory.search('bicycle'))[0]).toMatchObject({ memory: { id } });
        expect(await memory.update(id, { content: 'has a blue bicycle' })).toMatchObject({ version: 2 });
        expect(await warden.scope(ADMIN, 'dave').history(id)).toHaveLength(2);
        expect(await memory.count()).toBe(3);
        await memory.delete(id);
        expect((await warden.users(ADMIN)).users.map(({ userId }) => userId)).toContain('dave');
        const exported = await warden.export(ADMIN, { users: ['dave'], out: join(folder, 'dave.ndjson') });
        expect(exported).toMatchObject({ complete: true, memories: 2 });
        expect(await warden.purge()).toMatchObject({ repaired: 0 });
        await warden.keys.rotateUser(ADMIN, 'dave');
        const key = await warden.credentials.create(ADMIN, { role: 'agent', users: ['dave'] });
        await warden.credentials.revoke(ADMIN, key.credential.id);
        expect(await warden.keys.erase(ADMIN, 'dave')).toMatchObject({ deleted: { memories: 2 } });
        expect(await memory.count()).toBe(0);
        expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
      });
    });

    test('finds everything in order with doctor, which the administrator does not', async () => {
      const good = await cli(['doctor', ...flags(as('application'))]);
      expect([good.exit, json(good.out)['healthy']]).toEqual([0, true]);
      const found = json((await cli(['doctor', ...flags(uriOf())])).out)['findings'];
      const check = 'rights of the database user';
      expect(found).toContainEqual({ check, ok: false, message: expect.stringContaining('more than the application') });
    });

    test('S24: one role more than it needs, and doctor names what that lets it do', async () => {
      const reader = { role: 'dbAdmin', db: DATABASE };
      await db.command({ grantRolesToUser: 'memwarden_application', roles: [reader] });
      try {
        const sick = await cli(['doctor', ...flags(as('application'))]);
        expect(sick.exit).toBe(9);
        expect(sick.out).toMatch(/more than the application needs: \w+ on walls/);
      } finally {
        await db.command({ revokeRolesFromUser: 'memwarden_application', roles: [reader] });
      }
    });

    const changes: [string, (db: Db) => Promise<unknown>][] = [
      ['drop the database', (own) => own.dropDatabase()],
      ['drop a collection', (own) => own.collection('memories').drop()],
      ['make an index', (own) => own.collection('memories').createIndex({ category: 1 })],
      ['drop an index', (own) => own.collection('memories').dropIndex('partition_recent')],
      ['take a validator away', (own) => own.command({ collMod: 'memories', validator: {} })],
      [
        'pass a validator by',
        (own) => own.collection('memories').insertOne({ _id: 'x' } as Document, { bypassDocumentValidation: true }),
      ],
      ['make a user', (own) => own.command({ createUser: 'x', pwd: 'x', roles: [] })],
      ['give itself a role', (own) => own.command({ grantRolesToUser: 'memwarden_application', roles: ['dbOwner'] })],
      ['change a record of the audit log', (own) => own.collection('audit').updateOne({}, { $set: { body: 'x' } })],
      ['delete a record of the audit log', (own) => own.collection('audit').deleteOne({})],
      ['empty the audit log', (own) => own.collection('audit').deleteMany({})],
      ['rename the audit log', (own) => own.renameCollection('audit', 'old')],
      ['read another database', (own) => own.admin().command({ listDatabases: 1, authorizedDatabases: false })],
    ];
    test.each(changes)('S16: may not %s', async (_, act) => {
      const code = await withClient(as('application'), (client) =>
        act(client.db(DATABASE)).then(
          () => 'done',
          (error: unknown) => (error as { code?: number }).code,
        ),
      );
      expect(code).toBe(13);
    });

    test('S1: a row without owner, or without level, is refused by the database itself', () =>
      withClient(as('application'), async (client) => {
        const memories = client.db(DATABASE).collection<Document>('memories');
        const row = (await memories.findOne({}))!;
        for (const field of ['user_id', 'sensitivity']) {
          const { [field]: _, ...without } = { ...row, _id: randomBytes(8).toString('hex') } as Document;
          expect(await memories.insertOne(without).catch((error: { code: number }) => error.code)).toBe(121);
        }
      }));

    test('S25: may not prune the log, and is refused before a summary is written; the migrator may', async () => {
      const before = new Date(Date.now() + 60_000);
      await withWarden(as('application'), async (warden) => {
        const trail = warden.audit(ADMIN);
        expect(await outcome(() => trail.prune(before))).toBe('store_refused');
        expect(await trail.verify()).toMatchObject({ ok: true, pruned: 0 });
      });
      await withWarden(as('migrator'), async (warden) => {
        expect((await warden.audit(ADMIN).prune(before)).streams).toBeGreaterThan(0);
        expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
      });
    });

    test('may not migrate; the migrator may', async () => {
      expect(json((await cli(['migrate', ...flags(as('application'))])).err)['code']).toBe('store_refused');
      expect((await cli(['migrate', ...flags(as('migrator'))])).exit).toBe(0);
    });
  });

  describe('migrate --roles', () => {
    test('run again keeps users and passwords, and brings drifted roles and views back', async () => {
      await db.command({ updateRole: 'memwarden_reporting', privileges: [], roles: ['read'] });
      await db.command({ updateUser: 'memwarden_application', roles: ['dbOwner'] });
      await db.command({ collMod: 'memories_public', viewOn: 'memories', pipeline: [] });
      const again = await cli(['migrate', '--roles', '--passwords-out', join(folder, 'none'), ...flags(uriOf())]);
      expect(again.exit).toBe(0);
      const users = json(again.out)['users'] as { made: boolean }[];
      expect(users.map(({ made }) => made)).toEqual([false, false, false]);
      expect((await cli(['doctor', ...flags(as('application'))])).exit).toBe(0);
      await withClient(as('reporting'), async (client) => {
        const own = client.db(DATABASE);
        expect(await outcome(() => own.collection('memories').findOne())).toBe(13);
        expect(await own.collection('memories_public').countDocuments()).toBe(2);
      });
    });

    test('takes the passwords from a file, and makes nobody where it lacks one', async () => {
      const other = uriOf().replace(`/${DATABASE}?`, '/other?');
      const file = join(folder, 'given.json');
      const given = { application: randomBytes(16).toString('hex'), reporting: randomBytes(16).toString('hex') };
      writeFileSync(file, JSON.stringify(given), { mode: 0o600 });
      const command = ['migrate', '--roles', '--passwords', file, ...flags(other)];
      const folderOf = process.env['MEMWARDEN_KMS'];
      process.env['MEMWARDEN_KMS'] = `local:${join(folder, 'other', 'kek')}`;
      try {
        expect(json((await cli(command)).err)).toMatchObject({ detail: { reason: 'has none for migrator' } });
        writeFileSync(file, JSON.stringify({ ...given, migrator: randomBytes(16).toString('hex') }));
        expect((await cli(command)).exit).toBe(0);
        const own = uriOf('memwarden_reporting', given.reporting).replace(`/${DATABASE}?`, '/other?');
        expect(await withClient(own, (client) => client.db().collection('memories_public').countDocuments())).toBe(0);
      } finally {
        process.env['MEMWARDEN_KMS'] = folderOf;
        for (const name of ['other', 'other-keys']) await administrator.db(name).dropDatabase();
      }
    });
  });

  describe('the reporting user', () => {
    let reporting: MongoClient;
    let holder: MongoClient;
    let secrets: string[];
    let cursor: Long;
    const settingOf = (client: MongoClient, rows: string): Attempting => ({
      client,
      db: client.db(DATABASE),
      keys: client.db(KEYS),
      rows,
      cursor,
    });
    const texts = (value: unknown) => JSON.stringify(value ?? null);

    beforeAll(async () => {
      reporting = await new MongoClient(as('reporting')).connect();
      holder = await new MongoClient(as('application')).connect();
      const found = await holder.db(DATABASE).command({ find: 'memories', batchSize: 1 }, { promoteLongs: false });
      cursor = (found['cursor'] as { id: Long }).id;
      const rows = await db.collection('memories').find().toArray();
      const sealed = rows.flatMap(({ content, seal, key_id }) => [
        ...[content, seal].map((bytes) => Buffer.from((bytes as { buffer: Buffer }).buffer).toString('base64')),
        String(key_id),
      ]);
      const above = rows.filter(({ sensitivity }) => sensitivity !== 'public').map(({ _id }) => String(_id));
      secrets = [...ABOVE, ...sealed, ...above, 'lapsed'];
      const visible = rows.filter(({ sensitivity }) => sensitivity === 'public');
      expect([visible.length, above.length > 8]).toEqual([PUBLIC_ROWS, true]);
    });
    afterAll(async () => {
      await reporting?.close();
      await holder?.close();
    });
    const toldIn = (value: unknown) => {
      const text = texts(value);
      return secrets.filter((secret) => text.includes(secret));
    };

    test('reads public rows that have not expired, in the fields that are in clear', async () => {
      const rows = await reporting.db(DATABASE).collection('memories_public').find().sort({ user_id: 1 }).toArray();
      expect(rows).toMatchObject([
        { user_id: 'alice', sensitivity: 'public', category: 'drinks' },
        { user_id: 'bob', sensitivity: 'public', category: 'games' },
      ]);
      const fields = [
        '_id',
        'category',
        'created_at',
        'occurred_at',
        'sensitivity',
        'updated_at',
        'user_id',
        'version',
      ];
      for (const row of rows) expect(Object.keys(row).sort()).toEqual(fields);
    });

    test('the attempts are 50 and more, and no two are the same', () => {
      expect(ATTEMPTS.length).toBeGreaterThanOrEqual(50);
      expect(new Set(ATTEMPTS.map(({ name }) => name)).size).toBe(ATTEMPTS.length);
    });

    test.each(ATTEMPTS.map((attempt) => [attempt.name, attempt] as const))(
      'S16: reads nothing above public, sealed, of keys or of the audit log by: %s',
      async (_, { act, expected, control }) => {
        let got: unknown;
        let error: unknown;
        try {
          got = await act(settingOf(reporting, 'memories_public'));
        } catch (caught) {
          error = caught;
        }
        if (expected === 'refused') {
          expect(got).toBeUndefined();
          expect((error as Error).name).toMatch(/^Mongo/);
          expect(toldIn((error as Error).message)).toEqual([]);
        } else {
          expect(error).toBeUndefined();
          expect(toldIn(got)).toEqual([]);
        }
        if (!control) return;
        // The same by the administrator on the collection itself: the attempt is one.
        const rest = await act(settingOf(administrator, 'memories'));
        const more = toldIn(rest).length > 0 || texts(rest).length > texts(got ?? null).length + 100;
        expect(more).toBe(true);
      },
    );
  });

  test('lists what was exported through the command line as the application too', async () => {
    const listed = await cli(['list', '--user', 'bob', '--as', 'admin', ...flags(as('application'))]);
    expect(lines(listed.out)).toMatchObject([{ content: 'plays chess' }]);
  });
});

import '../support/fresh-lmdb.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { WardenOptions } from '../../src/config/options.js';
import type { KeyRing } from '../../src/model/key-store.js';
import { openMongoKeys } from '../../src/store/keys/mongodb.js';
import { openWarden } from '../../src/warden.js';
import { startStandalone, type Deployment } from '../support/mongo/deployment.js';
import { describeWithOwnServers } from '../support/mongo/describe.js';
import { atOnce } from '../support/key-folder.js';
import { ADMIN, agentOf } from '../support/warden.js';

const CANARY = 'canary-4711-the-parrot-sleeps';

// The attacker has the files of the stopped server, its log among them, and the live key-encryption key.
describeWithOwnServers('The raw files of a MongoDB server', () => {
  let server: Deployment;
  let folder: string;
  let options: WardenOptions;
  let keysUri: string;
  const LONG = 240_000;

  beforeAll(async () => {
    server = await startStandalone();
    folder = mkdtempSync(join(tmpdir(), 'memwarden-raw-'));
    const uri = (name: string) => server.uri.replace(/\/(?=\?|$)/, `/${name}`);
    keysUri = uri('memwarden_raw-keys');
    options = {
      store: { kind: 'mongodb', uri: uri('memwarden_raw') },
      migrate: true,
      timeoutMs: 20_000,
      keys: {
        store: { kind: 'mongodb', uri: keysUri },
        kms: `local:${join(folder, 'keys', 'kek')}`,
        ledger: join(folder, 'ledger', 'l'),
      },
    };
  }, LONG);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }, LONG);

  /** Which files hold some bytes, while the server is down. */
  async function carved(...needles: readonly Buffer[]): Promise<number[]> {
    const [process] = server.processes;
    await process!.kill('SIGTERM');
    const files = filesUnder(process!.dbpath);
    const counts = needles.map((needle) => files.filter((bytes) => bytes.includes(needle)).length);
    await process!.start();
    return counts;
  }

  test(
    'G17, S20: no text is in them; every wrapped key is, and opens, before an erasure, and none of the user after what the certificate names',
    async () => {
      const warden = await openWarden(options, atOnce);
      for (const user of ['alice', 'bob']) {
        const memory = warden.scope(agentOf(user), user);
        const { id } = await memory.add(`${CANARY} ${'x'.repeat(500)}`, {
          metadata: { m: CANARY },
          speaker: CANARY,
          category: 'in-the-clear-0815',
        });
        await memory.update(id, { content: `${CANARY} again` });
      }
      const keys = await openMongoKeys({ uri: keysUri, timeoutMs: 20_000 });
      const rings = await keys.rings(undefined, 10);
      const wrapped = (user: string) => wrappedOf(rings, user);
      const needles = [wrapped('alice'), wrapped('bob'), Buffer.from('in-the-clear-0815'), ...forms(CANARY)];
      const before = await carved(...needles);
      expect(before.slice(0, 3).every((count) => count > 0)).toBe(true);
      expect(before.slice(3)).toEqual(forms(CANARY).map(() => 0));

      const certificate = await warden.keys.erase(ADMIN, 'alice');
      expect(certificate.remains.some(({ where }) => where.includes('oplog'))).toBe(true);
      await warden.close();
      await keys.close();
      await renewKeyCollection();
      // Two checkpoints and two turns of the journal.
      await carved();
      const after = await carved(...needles);
      expect(after[0]).toBe(0);
      expect(after[1]).toBeGreaterThan(0);
      expect(after.slice(3)).toEqual(forms(CANARY).map(() => 0));
    },
    LONG,
  );

  // What docs/keys.md tells an operator to do, so that the day of the certificate comes sooner.
  async function renewKeyCollection(): Promise<void> {
    const client = await new MongoClient(keysUri).connect();
    const db = client.db();
    await db
      .collection('key_rings')
      .aggregate([{ $out: 'key_rings_new' }])
      .toArray();
    await db.collection('key_rings').drop();
    await db.collection('key_rings_new').rename('key_rings');
    await client.db('admin').command({ fsync: 1 });
    await client.close();
  }
});

function wrappedOf(rings: readonly KeyRing[], user: string): Buffer {
  return rings.find(({ userId }) => userId === user)!.versions[0]!.wrapped.subarray(-48);
}

function filesUnder(path: string): Buffer[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    return statSync(file).isDirectory() ? filesUnder(file) : [readFileSync(file)];
  });
}

function forms(text: string): Buffer[] {
  return [
    Buffer.from(text),
    Buffer.from(Buffer.from(text).toString('hex')),
    ...[0, 1, 2].map((shift) =>
      Buffer.from(
        Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
          .toString('base64')
          .slice(4, 28),
      ),
    ),
  ];
}

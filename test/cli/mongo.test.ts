import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { build, start, type Built } from './built.js';
import { admin, agent, cli, inFolder, importedByNow, json, lines } from './in-process.js';

describeOnTypicalMongo('the command line on MongoDB', ({ uri }) => {
  let built: Built;
  let home: string;
  // Commands that run in other folders use one key file and one ledger, as on one machine.
  beforeAll(async () => {
    built = await build();
    home = mkdtempSync(join(tmpdir(), 'memwarden-cli-keys-'));
    process.env['MEMWARDEN_KMS'] = `local:${join(home, 'keys', 'kek')}`;
    process.env['MEMWARDEN_LEDGER'] = join(home, 'ledger', 'erasures.ndjson');
  }, 120_000);
  afterAll(async () => {
    delete process.env['MEMWARDEN_KMS'];
    delete process.env['MEMWARDEN_LEDGER'];
    rmSync(home, { recursive: true, force: true });
    await built.remove();
  });

  async function inDatabase(work: (flags: string[], uri: string) => Promise<void>, prepared = true): Promise<void> {
    const database = freshDatabase(uri);
    const flags = ['--mongodb-uri', database.uri, '--json'];
    try {
      if (prepared) expect((await cli(['migrate', ...flags])).exit).toBe(0);
      await work(flags, database.uri);
    } finally {
      await database.drop();
    }
  }

  test('a store that is not prepared is store_not_migrated, doctor says so, and migrate puts it right', () =>
    inDatabase(async (flags) => {
      const early = await cli(['list', ...admin('alice'), ...flags]);
      expect([early.exit, json(early.err)['code']]).toEqual([7, 'store_not_migrated']);
      const sick = await cli(['doctor', ...flags]);
      expect(sick.exit).toBe(9);
      expect(json(sick.out)['findings']).toContainEqual(expect.objectContaining({ check: 'migrated', ok: false }));
      expect((await cli(['migrate', ...flags])).exit).toBe(0);
      expect((await cli(['migrate', ...flags])).exit).toBe(0);
      const findings = json((await cli(['doctor', ...flags])).out)['findings'] as { check: string; ok: boolean }[];
      // The servers of the harness ask nobody who connects; test/contract/mongodb/walls.test.ts has one that does.
      expect(findings.filter(({ ok, check }) => !ok && check !== 'authorization')).toEqual([]);
    }, false));

  test('commands do what they do on the embedded store', () =>
    inDatabase(async (flags) => {
      const { id } = json((await cli(['add', 'likes tea', ...agent('alice'), ...flags])).out);
      expect(lines((await cli(['list', ...agent('alice'), ...flags])).out)).toMatchObject([{ content: 'likes tea' }]);
      expect((await cli(['get', String(id), ...agent('bob'), ...flags])).exit).toBe(4);
      expect(lines((await cli(['users', '--as', 'export', ...flags])).out)).toMatchObject([{ userId: 'alice' }]);
      expect(json((await cli(['delete', ...agent('alice'), '--all', ...flags])).out)).toEqual({ deleted: 1 });
    }));

  test(
    'G28: an import killed with SIGKILL and started again stores each good line once',
    () =>
      inDatabase((flags, address) =>
        inFolder(async (folder) => {
          const count = 40_000;
          const file = join(folder, 'in.ndjson');
          const line = (i: number) => JSON.stringify({ user_id: `user-${i % 20}`, content: `memory ${i}` });
          await writeFile(file, Array.from({ length: count }, (_, i) => `${line(i)}\n`).join(''));
          const command = ['import', file, '--users-from-file', '--as', 'admin', ...flags];
          let delay = 300;
          let ran = { code: null as number | null, signal: null as string | null, out: '' };
          for (let attempt = 0; attempt < 30; attempt += 1) {
            const { child, ended } = start(built, command, folder);
            const timer = attempt < 6 ? setTimeout(() => child.kill('SIGKILL'), delay) : undefined;
            ran = await ended;
            clearTimeout(timer);
            if (ran.signal !== 'SIGKILL') break;
            delay += 400;
          }
          expect([ran.code, json(ran.out)['complete'], importedByNow(ran.out)]).toEqual([0, true, count]);
          const client = await new MongoClient(address).connect();
          try {
            const contents = await client.db().collection('memories').distinct('content');
            expect([await client.db().collection('memories').countDocuments(), contents.length]).toEqual([
              count,
              count,
            ]);
          } finally {
            await client.close();
          }
        }),
      ),
    300_000,
  );
});

import { existsSync, readFileSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cli, inFolder, json, lines } from './in-process.js';

type Run = (...argv: string[]) => ReturnType<typeof cli>;

const OFFICER = ['--as', 'admin', '--on-behalf-of', 'officer'];
const ALICE = ['--as', 'agent', '--on-behalf-of', 'alice'];
const line = (value: object) => `${JSON.stringify(value)}\n`;

// Two stores, each with the space `team`, where alice and the officer write.
async function withTeams(work: (here: Run, there: Run, folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const [here, there] = ['here', 'there'].map(
      (name): Run =>
        (...argv) =>
          cli(argv, { env: { MEMWARDEN_DATA: join(folder, name, 'data') } }),
    ) as [Run, Run];
    for (const run of [here, there]) {
      await run('space', 'create', 'team', ...OFFICER, '--on-erase', 'keep');
      for (const user of ['alice', 'officer'])
        await run('space', 'grant', 'team', ...OFFICER, '--member', user, '--access', 'write');
    }
    await work(here, there, folder);
  });
}

async function told(run: Run): Promise<unknown[]> {
  const { out } = await run('space', 'memories', 'team', ...OFFICER, '--json');
  return lines(out).map(({ id: _, createdAt: __, updatedAt: ___, version, ...rest }) => ({ ...rest, version }));
}

test.each(['ndjson', 'json', 'csv'])(
  'G23: an export of a space as %s comes back through `import --space`, which says what was made anew',
  (form) =>
    withTeams(async (here, there, folder) => {
      const out = join(folder, `team.${form}`);
      const about = ['--category', 'notice', '--metadata', '{"a":[1,"=x"]}', '--speaker', 'Ann', '--level', 'public'];
      await here('space', 'add', 'team', 'The harbour opens at six.', ...ALICE, ...about);
      await here('space', 'add', 'team', '=It closes,\nat ten.', ...OFFICER, '--occurred-at', '2025-02-03T04:05:06Z');
      expect((await here('export', 'run', '--space', 'team', ...OFFICER, '--out', out, '--format', form)).exit).toBe(0);
      const ran = await there('import', out, '--space', 'team', ...OFFICER, '--json');
      expect([ran.exit, ran.err]).toEqual([0, '']);
      expect(json(ran.out)).toEqual({
        imported: 2,
        importedBefore: 0,
        rejected: 0,
        complete: true,
        changed: { id: 2, created_at: 2, updated_at: 2, author: 2 },
      });
      expect(await told(there)).toEqual(await told(here));
      expect(await told(there)).toHaveLength(2);
      const people = await there('import', out, '--space', 'team', ...OFFICER);
      expect(people.out).toMatch(/^imported 0 \(2 before\), rejected 0, made anew: .*author of 2/);
    }),
);

test('what is of another space or of a user is set aside, and so is a memory of a space where users are imported', () =>
  withTeams(async (run, _, folder) => {
    const file = join(folder, 'in.ndjson');
    const [own, plain, other, users] = [
      { space: 'team', content: 'own' },
      { content: 'plain' },
      { space: 'other', content: 'of another' },
      { user_id: 'alice', content: 'a diary' },
    ];
    await writeFile(file, [own, plain, other, users].map(line).join(''));
    const ran = await run('import', file, '--space', 'team', ...ALICE, '--json');
    expect([ran.exit, json(ran.out)]).toMatchObject([8, { imported: 2, rejected: 2 }]);
    expect(lines(ran.err)).toEqual([
      { line: 3, code: 'invalid_argument', argument: 'a memory of another space' },
      { line: 4, code: 'invalid_owner', argument: 'user_id' },
    ]);
    expect(readFileSync(`${file}.rejected.ndjson`, 'utf8')).toBe(line(other) + line(users));
    const user = await run('import', file, '--users-from-file', '--as', 'admin', '--fresh', '--json');
    expect(json(user.out)).toMatchObject({ imported: 1, rejected: 3 });
    expect(lines(user.err)[0]).toEqual({
      line: 1,
      code: 'invalid_argument',
      argument: 'a memory of a shared space; --space imports it there',
    });
    const chat = join(folder, 'chat.json');
    await writeFile(chat, JSON.stringify({ user_id: 'alice', messages: [{ role: 'user', content: 'hers' }] }));
    expect(json((await run('import', chat, '--space', 'team', ...ALICE, '--json')).out)).toMatchObject({ imported: 0 });
    await writeFile(chat, JSON.stringify({ space: 'team', messages: [{ role: 'user', content: 'ours' }] }));
    const said = await run('import', chat, '--space', 'team', ...ALICE, '--fresh', '--json');
    expect(json(said.out)).toMatchObject({ imported: 1, rejected: 0 });
    expect((await told(run)).map((one) => (one as { content: string }).content).sort()).toEqual(
      ['ours', 'own', 'plain'].sort(),
    );
  }));

test('a file that was imported into a space is not imported again; lines that were appended since are', () =>
  withTeams(async (run, _, folder) => {
    const file = join(folder, 'in.ndjson');
    await writeFile(file, line({ content: 'a' }) + line({ content: 'b' }));
    const again = async () => json((await run('import', file, '--space', 'team', ...ALICE, '--json')).out);
    expect(await again()).toMatchObject({ imported: 2, importedBefore: 0 });
    expect(await again()).toMatchObject({ imported: 0, importedBefore: 2 });
    await appendFile(file, line({ content: 'c' }));
    expect(await again()).toMatchObject({ imported: 1, importedBefore: 2 });
    expect(await told(run)).toHaveLength(3);
    const other = await run('import', file, '--user', 'team', '--as', 'admin');
    expect([other.exit, other.err]).toEqual([2, expect.stringMatching(/another principal.*--user or --space/)]);
  }));

test('lines that the policies refuse are set aside; who may not write learns nothing and leaves nothing behind', () =>
  withTeams(async (run, _, folder) => {
    const file = join(folder, 'in.ndjson');
    await writeFile(file, line({ content: 'a' }) + line({ content: 'b', sensitivity: 'nonsense' }));
    const mallory = ['--as', 'agent', '--on-behalf-of', 'mallory', '--json'];
    const errors: string[] = [];
    for (const name of ['team', 'absent']) {
      const ran = await run('import', file, '--space', name, ...mallory);
      expect([ran.exit, json(ran.err)['code'], ran.out]).toEqual([4, 'not_found', '']);
      errors.push(ran.err);
    }
    expect(errors[0]).toBe(errors[1]);
    const refused = await run('import', file, '--space', 'team', '--as', 'export', '--on-behalf-of', 'alice', '--json');
    expect([refused.exit, json(refused.err)['code']]).toEqual([3, 'forbidden']);
    expect(existsSync(`${file}.import-state.json`)).toBe(false);
    expect((await run('import', file, '--space', 'team', '--user', 'alice', ...ALICE)).exit).toBe(2);
    expect((await run('import', file, '--space', '', ...ALICE)).exit).toBe(2);
    const done = await run('import', file, '--space', 'team', ...ALICE, '--json');
    expect([done.exit, json(done.out)]).toMatchObject([8, { imported: 1, rejected: 1 }]);
  }));

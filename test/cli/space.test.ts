import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { cli, inFolder, json, lines } from './in-process.js';

type Run = (...argv: string[]) => ReturnType<typeof cli>;

const OFFICER = ['--as', 'admin'];
const ALICE = ['--as', 'agent', '--on-behalf-of', 'alice'];

async function withTeam<T>(work: (run: Run, folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const run: Run = (...argv) => cli(argv, { env: { MEMWARDEN_DATA: join(folder, 'data') } });
    expect((await run('space', 'create', 'team', ...OFFICER, '--on-erase', 'remove')).out).toBe('made\n');
    return work(run, folder);
  });
}

test('`space` makes a space, lets members in, and takes them out; members add, list and search', async () => {
  await withTeam(async (run) => {
    expect((await run('space', 'grant', 'team', ...OFFICER, '--member', 'alice', '--access', 'write')).exit).toBe(0);
    const ward = ['--having', '{"ward":"west"}'];
    await run('space', 'grant', 'team', ...OFFICER, ...ward, '--access', 'read');
    const listed = await run('space', 'members', 'team', ...OFFICER, '--json');
    expect(lines(listed.out)).toEqual([
      { user: 'alice', access: 'write' },
      { attribute: 'ward', value: 'west', access: 'read' },
    ]);
    expect((await run('space', 'members', 'team', ...OFFICER)).out).toMatch(/ward = "west"[^]*erased: remove/);
    const added = await run(
      'space',
      'add',
      'team',
      'The harbour opens at six.',
      ...ALICE,
      '--level',
      'public',
      '--json',
    );
    const { id, space } = json(added.out) as { id: string; space: string };
    expect(space).toBe('team');
    const west = ['--as', 'agent', '--on-behalf-of', 'bob', '--attribute', 'ward=west'];
    expect(lines((await run('space', 'memories', 'team', ...west, '--json')).out)).toMatchObject([{ id }]);
    expect((await run('space', 'search', 'team', 'harbour', ...west)).out).toContain('The harbour opens at six.');
    expect(lines((await run('space', 'list', ...west, '--json')).out)).toEqual([{ id: 'team', access: 'read' }]);
    expect((await run('space', 'revoke', 'team', ...OFFICER, ...ward)).out).toBe('in force\n');
    expect((await run('space', 'list', ...west)).out).toBe('no spaces\n');
    expect((await run('space', 'memories', 'team', ...west)).out).toBe('no memories\n');
  });
});

test('`export run --space` writes what a member may export; it verifies offline, and no import takes it for a user’s', async () => {
  await withTeam(async (run, folder) => {
    const [out, keys] = [join(folder, 'team.ndjson'), join(folder, 'keys.json')];
    await run('space', 'grant', 'team', ...OFFICER, '--member', 'officer', '--access', 'write');
    const officer = [...OFFICER, '--on-behalf-of', 'officer'];
    await run('space', 'add', 'team', 'The harbour opens at six.', ...officer);
    const done = await run('export', 'run', '--space', 'team', ...officer, '--out', out);
    const all = join(folder, 'all.ndjson');
    expect((await run('export', 'run', '--all-spaces', ...officer, '--out', all)).exit).toBe(0);
    expect((await run('export', 'run', '--all-spaces', '--space', 'x', ...officer, '--out', `${all}.2`)).exit).toBe(2);
    expect([done.exit, done.out]).toEqual([
      0,
      expect.stringMatching(/^exported 1 memory of 0 users and 1 part of a space/),
    ]);
    expect(readFileSync(all, 'utf8')).toBe(readFileSync(out, 'utf8'));
    expect(json(readFileSync(out, 'utf8'))).toMatchObject({ space: 'team', content: 'The harbour opens at six.' });
    writeFileSync(keys, (await run('keys', 'public')).out);
    expect((await run('export', 'verify', out, '--keys', keys)).out).toMatch(/\n1 of them of the space team\n/);
    const taken = await run('import', out, '--users-from-file', ...OFFICER, '--json');
    expect(json(taken.out)).toMatchObject({ imported: 0 });
    expect((await run('import', out, '--user', 'bob', ...OFFICER)).exit).not.toBe(0);
    const other = join(folder, 'none.ndjson');
    const refused = await run('export', 'run', '--space', 'team', ...ALICE, '--out', other, '--json');
    expect([json(refused.err), existsSync(other)]).toMatchObject([{ code: 'forbidden' }, false]);
    expect((await run('export', 'run', ...OFFICER, '--out', other)).exit).not.toBe(0);
  });
});

test('GDPR 15: an export that leaves out what a user wrote in a space says so, and so do both that verify it', async () => {
  await withTeam(async (run, folder) => {
    const [out, keys] = [join(folder, 'alice.ndjson'), join(folder, 'keys.json')];
    await run('space', 'grant', 'team', ...OFFICER, '--member', 'alice', '--access', 'write');
    await run('space', 'add', 'team', 'The harbour opens at six.', ...ALICE);
    await run('add', 'Alice is vegetarian.', '--user', 'alice', ...ALICE);
    writeFileSync(keys, (await run('keys', 'public')).out);
    const told = /^what alice wrote in the space team is withheld: .*put the exporter on it, or export as alice$/m;
    const done = await run('export', 'run', '--user', 'alice', ...OFFICER, '--out', out);
    expect([done.exit, done.out]).toEqual([0, expect.stringMatching(told)]);
    expect((await run('export', 'verify', out, '--keys', keys)).out).toMatch(told);
    const manifest = `${out}.manifest.json`;
    expect(json(readFileSync(manifest, 'utf8'))).toMatchObject({ counts: { memories: 1, withheld: 1 } });
    const python = spawnSync('python3', ['tools/verify-export.py', manifest, '--keys', keys], { encoding: 'utf8' });
    if (!python.error)
      expect(python.stdout).toBe('verified: 1 memory of 1 user\nwhat "alice" wrote in the space "team" is withheld\n');
    // Who is on the list leaves nothing out.
    await run('space', 'grant', 'team', ...OFFICER, '--member', 'officer', '--access', 'read');
    const whole = await run(
      'export',
      'run',
      '--user',
      'alice',
      ...OFFICER,
      '--on-behalf-of',
      'officer',
      '--out',
      `${out}.2`,
    );
    expect(whole.out).not.toMatch(/withheld/);
    expect(json(readFileSync(`${out}.2.manifest.json`, 'utf8'))['counts']).not.toHaveProperty('withheld');
  });
});

test('who may not grant is refused, a space that is not there is not found, and a member is named in one way', async () => {
  await withTeam(async (run) => {
    const exits = async (...argv: string[]) => (await run(...argv)).exit;
    const forbidden = await run('space', 'members', 'team', ...ALICE, '--json');
    expect(json(forbidden.err)).toMatchObject({ code: 'forbidden' });
    const absent = await run('space', 'members', 'absent', ...OFFICER, '--json');
    expect(json(absent.err)).toMatchObject({ code: 'not_found' });
    const refused = await exits('space', 'revoke', 'team', ...OFFICER);
    expect(refused).not.toBe(0);
    expect(await exits('space', 'revoke', 'team', ...OFFICER, '--member', 'a', '--having', '{"b":1}')).toBe(refused);
    expect(await exits('space', 'revoke', 'team', ...OFFICER, '--having', '{"b":1,"c":2}')).toBe(refused);
    expect(await exits('space', 'revoke', 'team', ...OFFICER, '--having', 'null')).toBe(refused);
    expect(await exits('space', 'erase', 'absent', ...OFFICER)).not.toBe(0);
  });
});

test('`audit report --space` accounts for what was read in a space, in every form, and for nothing of one that is not there', async () => {
  await withTeam(async (run) => {
    await run('space', 'grant', 'team', ...OFFICER, '--member', 'alice', '--access', 'write');
    await run('space', 'add', 'team', 'The harbour opens at six.', ...ALICE);
    await run('space', 'memories', 'team', ...ALICE, '--purpose', 'planning');
    const report = (...flags: string[]) => run('audit', 'report', ...OFFICER, ...flags);
    expect(json((await report('--space', 'team', '--json')).out)).toMatchObject({
      space: 'team',
      known: true,
      disclosures: [{ act: 'list', count: 1, purpose: 'planning', door: 'cli' }],
    });
    for (const form of ['text', 'csv', 'json', 'html'])
      expect((await report('--space', 'team', '--format', form)).out).toContain('planning');
    expect((await report('--space', 'absent')).out).toMatch(/the space absent.*\n\nNothing is on record/);
    expect((await report()).exit).toBe(2);
    expect((await report('--space', 'team', '--user', 'alice')).exit).toBe(2);
    expect((await run('audit', 'report', '--as', 'agent', '--space', 'team')).exit).toBe(3);
  });
});

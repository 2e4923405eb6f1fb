import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { effectsOf } from '../../src/internals.js';
import { diffOf, type PolicyDiff } from '../../src/workbench/diff.js';
import { readPolicies } from '../../src/workbench/policies.js';
import { admin, agent, cli, inFolder, json } from '../cli/in-process.js';
import { ADMIN, describeOnEachStore, outcome, policyFolder } from '../support/warden.js';
import { AT, policiesOfTexts, role } from './policies.js';

const rule = (conditions: string, more = '') =>
  `{ id: x, action: read, subject: Memory, reason: r, conditions: { ${conditions} }${more} }`;
const diff = (a: string, b: string): Promise<PolicyDiff> =>
  diffOf(policiesOfTexts({ 'a.yaml': a }), policiesOfTexts({ 'a.yaml': b }), AT);
const cells = ({ cells: all }: PolicyDiff) =>
  all.map(({ action, level, place, from, to, gains, loses }) =>
    [action, level, place, `${from}-${to}`, ...(gains ? ['gain'] : []), ...(loses ? ['loss'] : [])].join(' '),
  );

describe('the diff of two sets', () => {
  it('is empty between a set and itself, and between sets that say the same in other words', async () => {
    const policies = await readPolicies(PACKAGED_POLICIES);
    expect(await diffOf(policies, policies, AT)).toMatchObject({ cells: [], levels: [], reads: [], complete: true });
    const one = role('a', rule('sensitivity: { $in: [public, private] }'));
    const two = role('a', rule('sensitivity: private'), rule('sensitivity: public').replace('id: x', 'id: y'));
    expect((await diff(one, two)).cells).toEqual([]);
  });

  it('names each cell that changes, and whether something is gained or lost', async () => {
    const found = await diff(role('a', rule('sensitivity: public')), role('a', rule('sensitivity: private')));
    expect(cells(found)).toEqual([
      'read public own yes-no loss',
      'read public foreign yes-no loss',
      'read private own no-yes gain',
      'read private foreign no-yes gain',
    ]);
  });

  it('sees a change inside a cell that stays at some: nothing is set off against anything', async () => {
    const found = await diff(
      role('a', rule('sensitivity: public, category: work')),
      role('a', rule('sensitivity: public, category: home')),
    );
    expect(cells(found)).toEqual(['read public own some-some gain loss', 'read public foreign some-some gain loss']);
  });

  it('sees facts, fields, levels, roles that come and go, and time', async () => {
    const plain = role('a', rule('sensitivity: public'));
    const byPurpose = await diff(role('a', rule('sensitivity: public', ', principal: { purpose: care }')), plain);
    expect(byPurpose.cells[0]).toMatchObject({
      role: 'a',
      facts: '',
      from: 'no',
      to: 'yes',
      gains: true,
      loses: false,
    });
    const fewer = await diff(plain, role('a', rule('sensitivity: public', ', fields: [category, occurred_at]')));
    expect(fewer.cells[0]).toMatchObject({ from: 'yes', to: 'yes', gains: false, loses: true });
    expect(fewer.cells[0]?.fieldsLost).toContain('content');
    expect((await diff(plain, `maximum_level: private\n${plain}`)).levels).toEqual([
      { role: 'a', level: 'maximum_level', from: 'sensitive', to: 'private' },
    ]);
    expect(cells(await diff(plain, 'role: b\nrules: []\n'))).toEqual([
      'read public own yes-no loss',
      'read public foreign yes-no loss',
    ]);
    const ended = role('a', rule('sensitivity: public', ', not_after: 2026-01-01T00:00:00Z'));
    expect((await diff(plain, ended)).cells).toHaveLength(2);
  });
});

describe('the diff of what needs approval', () => {
  const exporting = (more: string) => role('a', `{ id: x, action: [read, export], subject: Memory, reason: r${more} }`);
  const over = (users: number) => exporting(`, requires_approval: { over_users: ${users} }`);

  it('tells of a role that may export more without approval, and of one that may export less', async () => {
    expect((await diff(over(5), exporting(''))).approvals).toEqual([
      { role: 'a', facts: '', from: 5, to: null, gains: true },
    ]);
    expect((await diff(over(5), over(2))).approvals).toEqual([{ role: 'a', facts: '', from: 5, to: 2, gains: false }]);
    expect((await diff(over(5), over(5))).approvals).toEqual([]);
    const none = role('a', '{ id: x, action: read, subject: Memory, reason: r }');
    expect((await diff(none, over(5))).approvals).toEqual([]);
    const caring = exporting(', principal: { purpose: care }, requires_approval: { over_users: 5 }');
    expect((await diff(exporting(', principal: { purpose: care }'), caring)).approvals).toMatchObject([
      { facts: expect.stringContaining('care'), from: null, to: 5 },
    ]);
  });

  it('exits with 20 where --fail-on says so', () =>
    inFolder(async (folder) => {
      for (const [name, text] of [
        ['a', over(5)],
        ['b', exporting('')],
      ] as const) {
        await mkdir(join(folder, name));
        await writeFile(join(folder, name, 'a.yaml'), text);
      }
      const [a, b] = [join(folder, 'a'), join(folder, 'b')];
      const run = (...argv: string[]) => cli(['policy', 'diff', ...argv]);
      expect((await run(a, b, '--fail-on', 'gain')).exit).toBe(20);
      expect((await run(b, a, '--fail-on', 'gain')).exit).toBe(0);
      expect((await run(b, a, '--fail-on', 'loss')).exit).toBe(20);
      expect((await run(a, b, '--fail-on', 'change')).out).toContain(
        'a: approval of exports over 5 users becomes none needed',
      );
    }));
});

describeOnEachStore('the diff of two sets in a store', (open) => {
  const wider =
    'rules:\n  - { id: agent-all, action: [create, read], subject: Memory, conditions: { user_id: "${principal.user_id}", sensitivity: { $in: [public, sensitive] } }, reason: r }\n';

  it('counts what each role gains and loses, partition by partition, and loads no memory', async () => {
    const { warden, watch } = await open({ policies: await policyFolder() });
    for (const [userId, levels] of [
      ['alice', ['public', 'private', 'private', 'sensitive']],
      ['bob', ['sensitive', 'sensitive']],
      ['carol', ['public']],
    ] as const)
      for (const level of levels) await warden.scope(ADMIN, userId).add(level, { level });
    await warden.scope(ADMIN, 'bob').add('gone', { level: 'sensitive', expiresAt: '2999-01-01T00:00:00Z' });
    watch.calls.length = 0;
    const effects = await effectsOf(warden, await policyFolder({ agent: wider }));
    const own = (userId: string) => ({ id: 'd', role: 'agent', userId });
    const foreign = () => ({ id: 'd', role: 'agent', userId: 'somebody-else' });
    const seen: number[] = [];
    expect(await effects.count(ADMIN, [own, foreign], (done) => seen.push(done))).toEqual([
      // Alice: private goes, sensitive comes; Bob: three come; Carol keeps what she has.
      { memoriesGained: 4, usersGained: 2, memoriesLost: 2, usersLost: 1 },
      { memoriesGained: 0, usersGained: 0, memoriesLost: 0, usersLost: 0 },
    ]);
    expect([seen, await effects.partitions(ADMIN)]).toEqual([[1, 2, 3], 3]);
    expect(new Set(watch.calls.map(({ method }) => method))).toEqual(new Set(['findUsers', 'count']));
    expect(await outcome(() => effects.count(own('alice'), [own]))).toBe('forbidden');
  });

  it('refuses policies that do not load', async () => {
    const { warden } = await open();
    const broken = await policyFolder({ agent: 'rules: 5\n' });
    expect(await outcome(() => effectsOf(warden, broken))).toBe('policy_invalid');
  });
});

describe('policy diff', () => {
  const A = role('agent', rule('user_id: "${principal.user_id}", sensitivity: public'));
  const B = role('agent', rule('user_id: "${principal.user_id}", sensitivity: { $in: [public, private] }'));
  const USERS = role('admin', '{ id: u, action: list, subject: User, reason: r }');

  async function inFolders<T>(work: (a: string, b: string, folder: string) => Promise<T>): Promise<T> {
    return inFolder(async (folder) => {
      for (const [name, text] of [
        ['a', A],
        ['b', B],
      ] as const) {
        await mkdir(join(folder, name));
        await writeFile(join(folder, name, 'agent.yaml'), text);
        await writeFile(join(folder, name, 'admin.yaml'), USERS);
      }
      return work(join(folder, 'a'), join(folder, 'b'), folder);
    });
  }

  it('exits with 20 where --fail-on says so', () =>
    inFolders(async (a, b) => {
      const exits = async (...argv: string[]) => (await cli(['policy', 'diff', ...argv])).exit;
      expect([
        await exits(a, b),
        await exits(a, b, '--fail-on', 'gain'),
        await exits(b, a, '--fail-on', 'gain'),
      ]).toEqual([0, 20, 0]);
      expect([await exits(b, a, '--fail-on', 'loss'), await exits(a, a, '--fail-on', 'change')]).toEqual([20, 0]);
      const { out } = await cli(['policy', 'diff', a, b]);
      expect(out).toContain('gain');
      expect((await cli(['policy', 'diff', a, a])).out).toBe('no cell of the matrix changes\n');
    }));

  it('counts in a store', () =>
    inFolders(async (a, b, folder) => {
      const data = ['--data', join(folder, 'd')];
      for (const user of ['alice', 'bob']) await cli(['add', 'x', ...agent(user), ...data, '--level', 'private']);
      await cli(['add', 'y', ...admin('alice'), ...data, '--level', 'public']);
      const flags = ['policy', 'diff', a, b, '--store', ...data, '--json'];
      expect((await cli(flags)).exit).toBe(2);
      const { out, exit } = await cli([...flags, '--as', 'admin']);
      expect(exit).toBe(0);
      expect(json(out)['effects']).toEqual([
        { role: 'agent', facts: '', place: 'own', memoriesGained: 2, usersGained: 2, memoriesLost: 0, usersLost: 0 },
      ]);
      expect((await cli([...flags, '--as', 'agent'])).exit).toBe(3);
    }));

  it('reads git revisions, and takes nothing that is typed for an option or a command', () =>
    inFolders(async (a, b, folder) => {
      const git = (...argv: string[]) =>
        execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...argv], {
          cwd: folder,
          stdio: 'pipe',
        });
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'one');
      const revision = git('rev-parse', 'HEAD').toString().trim();
      await writeFile(join(a, 'agent.yaml'), B);
      git('commit', '-q', '-am', 'two');
      const before = process.cwd();
      process.chdir(folder);
      try {
        const done = await cli(['policy', 'diff', `${revision}:a`, 'HEAD:a', '--fail-on', 'gain', '--json']);
        expect([done.exit, (json(done.out)['cells'] as unknown[]).length]).toEqual([20, 1]);
        expect((await cli(['policy', 'diff', 'HEAD:a', b, '--fail-on', 'change'])).exit).toBe(0);
        expect((await cli(['policy', 'diff', 'HEAD~1', b, '--policies', 'a', '--fail-on', 'change'])).exit).toBe(20);
        for (const bad of ['HEAD:nowhere', 'no-such-revision', '$(touch x):a', '--output=x:a', 'HEAD;true:a'])
          expect([bad, (await cli(['policy', 'diff', b, bad])).exit]).toEqual([bad, 2]);
        expect(execFileSync('git', ['status', '--porcelain'], { cwd: folder }).toString()).toBe('');
      } finally {
        process.chdir(before);
      }
    }));
});

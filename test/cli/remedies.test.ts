import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { remedyOf } from '../../src/cli/remedies.js';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { ERRORS, type ErrorCode } from '../../src/errors/table.js';
import { admin, cli, inFolder, json, storeIn } from './in-process.js';

const COMMANDS: readonly [what: string, argv: readonly string[], told: RegExp][] = [
  ['a limit', ['list', ...admin('alice'), '--limit', '0'], /--limit, allowed: 1 or more/],
  ['a large limit', ['list', ...admin('alice'), '--limit', '5000'], /--limit, allowed: 1000 or less/],
  ['a moment', ['list', ...admin('alice'), '--from', 'yesterday'], /--from, allowed: write a time such as/],
  ['a level', ['add', 'x', ...admin('alice'), '--level', 'secret'], /--level, allowed: .*public, private, sensitive/],
  ['a level to select', ['list', ...admin('alice'), '--level', 'secret'], /--level.*, allowed: one of public, private/],
  ['an unknown option', ['add', '--text', 'x', ...admin('alice')], /unknown option \(word 2 after memwarden\)/],
  ['no id and no filter', ['delete', ...admin('alice')], /empty_filter[^]*--all/],
  ['no embedder', ['embed'], /embedder_missing[^]*--embedder FILE or MEMWARDEN_EMBEDDER/],
  ['a role without a policy', ['list', '--user', 'alice', '--as', 'wizard'], /forbidden[^]*policy matrix/],
  [
    'a role that acts for users, and nobody named',
    ['list', '--user', 'alice', '--as', 'agent'],
    /forbidden.*--on-behalf-of, reason: the role acts for users[^]*Name the user[^]*--on-behalf-of USER/,
  ],
  [
    'a format',
    ['export', 'run', '--user', 'a', '--out', 'x', '--as', 'admin', '--format', 'secret'],
    /--format, reason: one of ndjson, json, csv, zip\)/,
  ],
  [
    'a word of a command',
    ['each-user', 'secret', '--as', 'admin'],
    /\(argument: act, reason: one of classify, count, delete\)/,
  ],
  [
    'a zip of two',
    ['export', 'run', '--user', 'a', '--user', 'b', '--out', 'x', '--as', 'admin', '--format', 'zip'],
    /--user, reason: a zip is of one person/,
  ],
  [
    'an end that has passed',
    ['add', 'x', ...admin('alice'), '--expires-at', '2020-01-01T00:00:00Z'],
    /--expires-at, allowed: a moment that is not in the past/,
  ],
  [
    'a space that is not there',
    ['space', 'members', 'none', '--as', 'admin'],
    /not_found: There is no such memory or space/,
  ],
  [
    'no folder of policies',
    ['users', '--as', 'admin', '--policies', '/nowhere'],
    /--policies, reason: the folder cannot be read\)\n  Check --policies/,
  ],
];

test.each(COMMANDS)('the command line names what it would take: %s', (_, argv, told) =>
  inFolder(async (folder) => {
    await storeIn(join(folder, 'data'));
    const { exit, err } = await cli([...argv, '--data', join(folder, 'data')]);
    expect(exit).not.toBe(0);
    expect(err).toMatch(told);
    expect(err).not.toMatch(/`detail|deleteAll|yesterday|secret|5000/);
  }),
);

test.each([
  ['another user', ['list', '--user', 'alice', '--as', 'agent', '--on-behalf-of', 'bob']],
  ['a role that acts for nobody', ['add', 'x', '--user', 'alice', '--as', 'export']],
  ['the users', ['users', '--as', 'agent']],
  ['API keys', ['credentials', 'list', '--as', 'agent']],
  ['the log', ['audit', 'verify', '--as', 'agent']],
])('what no user named would help with is not told to name one, nor of a partition: %s', (_, argv) =>
  inFolder(async (folder) => {
    await storeIn(join(folder, 'data'));
    const { exit, err } = await cli([...argv, '--data', join(folder, 'data')]);
    expect([exit, err]).toEqual([3, expect.stringMatching(/Use a role of --as that may do this/)]);
    expect(err).not.toMatch(/on-behalf-of|partition/);
  }),
);

test('a role that no policy names gets no key, and those that there are are told', () =>
  inFolder(async (folder) => {
    const data = ['--data', join(folder, 'data')];
    const slip = await cli(['credentials', 'create', '--role', 'agnt', '--user', 'alice', '--as', 'admin', ...data]);
    expect([slip.exit, slip.out]).toEqual([2, '']);
    expect(slip.err).toMatch(/--role, reason: no policy names it; those that policies name: admin, agent, export/);
    const listed = await cli(['credentials', 'list', '--as', 'admin', ...data]);
    expect(listed.out).toBe('no API keys\n');
    const policies = join(folder, 'policies');
    cpSync(PACKAGED_POLICIES, policies, { recursive: true });
    writeFileSync(
      join(policies, 'agnt.yaml'),
      readFileSync(join(policies, 'agent.yaml'), 'utf8').replaceAll('agent', 'agnt'),
    );
    const own = ['credentials', 'create', '--role', 'agnt', '--as', 'admin', '--policies', policies, ...data];
    expect((await cli(own)).exit).toBe(0);
    // Without the right nobody is told which roles there are.
    const refused = await cli(['credentials', 'create', '--role', 'agnt', '--as', 'export', ...data]);
    expect([refused.exit, refused.err]).toEqual([3, expect.not.stringMatching(/agent/)]);
  }));

test('an unknown key of an embedder file is named, and no value', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'embedder.json');
    writeFileSync(file, JSON.stringify({ kind: 'transformers', model: 'tiny', modelPath: 'somewhere' }));
    const { exit, err } = await cli(['doctor', '--embedder', file, '--data', join(folder, 'data')]);
    expect([exit, err]).toEqual([2, expect.stringMatching(/argument: embedder, reason: unknown key modelPath/)]);
    expect(err).not.toMatch(/somewhere|`detail/);
  }));

test('`mcp` says what its key lacks, and how to get another, in words of the command line', () =>
  inFolder(async (folder) => {
    const data = ['--data', join(folder, 'data')];
    const keyFor = async (...flags: string[]) =>
      String(json((await cli(['credentials', 'create', '--as', 'admin', ...flags, ...data, '--json'])).out)['key']);
    const told = async (key: string, ...flags: string[]) =>
      (await cli(['mcp', ...flags, ...data], { env: { MEMWARDEN_API_KEY: key } })).err;
    const first = await keyFor('--role', 'admin');
    const makes = /credentials create --role agent --user USER/;
    expect(await told(first)).toMatch(/forbidden.*this key acts for nobody/);
    expect(await told(first)).toMatch(makes);
    const two = await keyFor('--role', 'agent', '--user', 'alice', '--user', 'bob');
    expect(await told(two)).toMatch(/\(argument: --on-behalf-of, reason: the credential may act for several/);
    expect(await told(two, '--on-behalf-of', 'carol')).toMatch(/this key does not act for this user/);
    expect(await told(two, '--on-behalf-of', 'bob', '--purpose', 'care')).toMatch(/this key is not for this purpose/);
    for (const text of [await told(first), await told(two, '--on-behalf-of', 'carol')])
      expect(text).not.toMatch(/--as|memwarden-on-behalf-of|carol/);
  }));

test('an approval that is asked for is told with the flag that names it', () => {
  const { message } = new MemwardenError('approval_required', { id: 'the-id' });
  expect(message).toContain('id: the-id');
  expect(remedyOf(new MemwardenError('approval_required', { id: 'the-id' }))).toMatch(
    /`memwarden export approve` with the id above, then repeat the command with that id in --approval/,
  );
});

test('no remedy of the command line names a detail that its own words have to name', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[])
    expect([code, remedyOf(new MemwardenError(code))]).toEqual([
      code,
      expect.not.stringMatching(/in the \w+ in |`detail/),
    ]);
});

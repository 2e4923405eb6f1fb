import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { admin, cli, inFolder } from './in-process.js';

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
];

test.each(COMMANDS)('the command line names what it would take: %s', (_, argv, told) =>
  inFolder(async (folder) => {
    const { exit, err } = await cli([...argv, '--data', join(folder, 'data')]);
    expect(exit).not.toBe(0);
    expect(err).toMatch(told);
    expect(err).not.toMatch(/`detail|deleteAll|yesterday|secret|5000/);
  }),
);

test('an unknown key of an embedder file is named, and no value', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'embedder.json');
    writeFileSync(file, JSON.stringify({ kind: 'transformers', model: 'tiny', modelPath: 'somewhere' }));
    const { exit, err } = await cli(['doctor', '--embedder', file, '--data', join(folder, 'data')]);
    expect([exit, err]).toEqual([2, expect.stringMatching(/argument: embedder, reason: unknown key modelPath/)]);
    expect(err).not.toMatch(/somewhere|`detail/);
  }));

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { REGISTER } from '../../src/cli/commands/index.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { ERRORS } from '../../src/errors/table.js';
import { cli } from './in-process.js';

const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

describe('docs/cli.md', () => {
  test('has every command with an example, and every flag of its help', async () => {
    const { out } = await cli(['--help']);
    const commands = [...out.matchAll(/^ {2}([a-z][a-z-]+) /gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'help');
    expect(commands).toHaveLength(REGISTER.length);
    for (const command of commands) {
      expect(docs).toMatch(new RegExp(`^#+ ${command}$`, 'm'));
      if (command !== 'demo') expect(docs).toMatch(new RegExp(`^    .*memwarden ${command}\\b`, 'm'));
      const help = await cli([command, '--help']);
      const family = [...help.out.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name ?? '');
      const members = family.filter((name) => name !== 'help' && /^Commands:/m.test(help.out));
      for (const member of members) expect(docs).toMatch(new RegExp(`memwarden ${command} ${member}\\b`));
      const texts = await Promise.all(members.map(async (member) => (await cli([command, member, '--help'])).out));
      for (const [flag] of [help.out, ...texts].join('\n').matchAll(/--[a-z-]+/g))
        if (flag !== '--help') expect([command, docs]).toEqual([command, expect.stringContaining(flag)]);
    }
  });

  test('has every command below policy with an example, and every flag of its help', async () => {
    const { out } = await cli(['policy', '--help']);
    const commands = [...out.matchAll(/^ {2}([a-z]+) \[/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'help');
    expect(commands).toEqual(['lint', 'test', 'matrix', 'explain', 'diff', 'mutate']);
    for (const command of commands) {
      expect(docs).toMatch(new RegExp(`^### policy ${command}$`, 'm'));
      expect(docs).toMatch(new RegExp(`^    memwarden policy ${command}\\b`, 'm'));
      const help = await cli(['policy', command, '--help']);
      for (const [flag] of help.out.matchAll(/--[a-z-]+/g))
        if (flag !== '--help') expect([command, docs]).toEqual([command, expect.stringContaining(flag)]);
    }
  });

  test('has the exit code of every error of the table, and the codes that are no errors', () => {
    const rows = new Map(
      [...docs.matchAll(/^\| *(\d+) *\|[^|]*\|([^|]*)\|$/gm)].map(([, code, errors]) => [Number(code), errors ?? '']),
    );
    for (const [code, { exit }] of Object.entries(ERRORS))
      expect([code, rows.get(exit)]).toEqual([code, expect.stringContaining(`\`${code}\``)]);
    for (const code of Object.values(EXIT)) expect(rows.has(code)).toBe(true);
    expect([...rows.keys()].sort()).toEqual(
      [...new Set([...Object.values(ERRORS).map(({ exit }) => exit), ...Object.values(EXIT)])].sort(),
    );
  });
});

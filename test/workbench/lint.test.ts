import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { readPolicyFolder } from '../../src/policy/load.js';
import { INDEXED } from '../../src/model/fields.js';
import { COLLECTIONS } from '../../src/store/mongodb/schema.js';
import { CHECKS, type LintFinding } from '../../src/workbench/lint/checks.js';
import { lint } from '../../src/workbench/lint/lint.js';
import { cli, json } from '../cli/in-process.js';
import { refusedFiles, REFUSED, unmarked } from '../policy/refused-files.js';
import { EXAMPLES } from './examples.js';
import { AT, role } from './policies.js';

const OWN = 'user_id: "${principal.user_id}"';
const all = (extra: string) => `{ id: all, action: [read], subject: Memory, ${extra}reason: r }`;

function lintText(text: string): Promise<LintFinding[]> {
  return lint({ texts: [{ file: 'p.yaml', text }], unread: [] }, AT);
}

/** What lint says of a text, apart from notes on indexes: `line:column code`. */
async function said(text: string): Promise<string[]> {
  const found = await lintText(text);
  return found
    .filter(({ code }) => code !== 'not_indexed')
    .map(({ line, column, code }) => `${line}:${column} ${code}`);
}

const rule = (id: string, rest: string) => `{ id: ${id}, subject: Memory, reason: r, ${rest} }`;

/** Texts in which a mark such as ⟦shadowed⟧ stands right before each place where that, and nothing else, must be said. */
const CASES: readonly [name: string, text: string][] = [
  ['a role with no rules', 'role: a\nrules: ⟦no_rules⟧[]\n'],
  [
    'equality and a range that exclude each other',
    role('a', rule('x', 'action: read, ⟦never_matches⟧conditions: { category: { $eq: b, $lt: b } }')),
  ],
  [
    'two facts that no principal has at once',
    role(
      'a',
      rule(
        '⟦allows_with_fact⟧x',
        'action: read, ⟦never_matches⟧principal: { purpose: { $eq: care, $in: [research] } }',
      ),
    ),
  ],
  ['a time that is over', role('a', rule('x', 'action: read, ⟦never_matches⟧not_after: 2026-01-01T00:00:00Z'))],
  ['a time that has not come', role('a', rule('x', 'action: read, not_before: 2027-01-01T00:00:00Z'))],
  [
    'only memories that have expired',
    role('a', rule('x', 'action: read, ⟦never_matches⟧conditions: { expires_at: { $lt: 2026-01-01T00:00:00Z } }')),
  ],
  [
    'an allowance that a denial always shadows',
    role(
      'a',
      rule('⟦shadowed⟧x', 'action: read, conditions: { sensitivity: public, category: work }'),
      rule('y', 'action: read, conditions: { sensitivity: public }, inverted: true'),
      rule('z', 'action: read, conditions: { sensitivity: private }'),
    ),
  ],
  [
    'two denials that shadow together',
    role(
      'a',
      rule('⟦shadowed⟧x', 'action: read, conditions: { sensitivity: { $in: [public, private] } }'),
      rule('y', 'action: read, conditions: { sensitivity: public }, inverted: true'),
      rule('z', 'action: read, conditions: { sensitivity: private }, inverted: true'),
    ),
  ],
  [
    'a denial that shadows only who is suspended',
    role(
      'a',
      rule('x', 'action: read'),
      rule('⟦denies_without_fact⟧y', 'action: read, principal: { attributes: { suspended: true } }, inverted: true'),
    ),
  ],
  [
    'a denial of what nobody allows',
    role(
      'a',
      rule('x', 'action: read, conditions: { sensitivity: public }'),
      rule('⟦denies_nothing⟧y', 'action: read, conditions: { sensitivity: private }, inverted: true'),
    ),
  ],
  [
    'the same rule twice, its lists in another order',
    role('a', rule('x', 'action: [read, explain]'), rule('⟦duplicate⟧y', 'action: [explain, read]')),
  ],
  [
    'a rule that two others cover together',
    role(
      'a',
      rule('x', 'action: read, conditions: { sensitivity: public }'),
      rule('y', 'action: read, conditions: { sensitivity: private }'),
      rule('⟦covered⟧z', 'action: read, conditions: { sensitivity: { $in: [public, private] } }'),
    ),
  ],
  [
    'two rules of which each lets through what the other does not',
    role(
      'a',
      rule('x', 'action: read, conditions: { occurred_at: { $lte: 2026-01-01T00:00:00Z } }'),
      rule('y', 'action: read, conditions: { occurred_at: { $gte: 2026-01-01T00:00:00Z } }'),
    ),
  ],
  [
    'levels that may be written and not read',
    role(
      'a',
      rule('⟦writes_above_read⟧⟦writes_above_read⟧x', 'action: create'),
      rule('y', 'action: read, conditions: { sensitivity: public }'),
    ),
  ],
  [
    'a default level that may not be created',
    role('⟦default_not_creatable⟧a', rule('x', 'action: [create, read], conditions: { sensitivity: public }')),
  ],
  [
    'actions on what cannot be read',
    role('a', rule('⟦needs_read⟧x', 'action: [update, delete], conditions: { sensitivity: private }')),
  ],
  ['an agent that is bound to nobody', role('agent', rule('⟦agent_without_owner⟧x', 'action: read'))],
  [
    'an agent that is bound to its user, or shares one more partition',
    role(
      'support-agent',
      rule('x', `action: read, conditions: { user_id: { $in: ["\${principal.user_id}", family] } }`),
    ),
  ],
  [
    'S6: a role other than admin that may lower levels',
    role('agent', rule('x', `⟦may_declassify⟧action: [read, update, reclassify], conditions: { ${OWN} }`)),
  ],
  ['S6: an admin that may lower levels', role('admin', rule('x', 'action: [read, update, reclassify]'))],
  [
    'S4: an allowance that names an attribute which may be missing',
    role('a', rule('⟦allows_with_fact⟧x', 'action: read, conditions: { category: "${principal.attributes.ward}" }')),
  ],
  [
    'S4: a denial that names the user, whom an admin has not',
    role(
      'a',
      rule('x', 'action: read'),
      rule('⟦denies_without_fact⟧y', `action: read, inverted: true, conditions: { ${OWN} }`),
    ),
  ],
  [
    'S4: a denial that ends',
    role(
      'a',
      rule('x', 'action: read'),
      rule('y', 'action: read, inverted: true, ⟦denial_lapses⟧not_after: 2027-01-01T00:00:00Z'),
    ),
  ],
  [
    'S5: a file that the next rule makes too large',
    `⟦near_limit⟧${role('a', rule('x', 'action: read'))}# ${'x'.repeat(60_000)}\n`,
  ],
  [
    'S7: a condition on a field that the role may not read',
    role(
      'a',
      rule('x', 'action: read, fields: [occurred_at, content], ⟦condition_on_hidden_field⟧conditions: { category: w }'),
    ),
  ],
  [
    'S7: fields that are hidden from reading and go out by an export',
    role(
      'a',
      rule('x', 'action: read, fields: [occurred_at, content]'),
      rule('y', '⟦whole_past_fields⟧action: export'),
    ),
  ],
  [
    'S7: fields that may be written and not read',
    role(
      '⟦writes_hidden_field⟧a',
      rule('x', 'action: read, fields: [occurred_at, content]'),
      rule('y', 'action: update, fields: [content, category]'),
    ),
  ],
  [
    'an approval that nobody may give',
    role('a', rule('x', 'action: [read, export], ⟦no_approver⟧requires_approval: { over_users: 5 }')),
  ],
  [
    'an approval that somebody may give',
    role(
      'a',
      rule('x', 'action: [read, export], requires_approval: { over_users: 5 }'),
      '{ id: y, action: approve, subject: Export, reason: r }',
    ),
  ],
  [
    'S7: a list without the field that orders it',
    role('⟦list_needs_order⟧a', rule('x', 'action: read, fields: [content]')),
  ],
];

describe('lint', () => {
  it.each(CASES)('%s', async (_, marked) => {
    const { text, issues } = unmarked(marked.split('\n'));
    const expected = issues.map(({ line, column, code }) => `${line}:${column} ${code}`);
    expect((await said(text)).sort()).toEqual(expected.sort());
  });

  it('has a case for each of its checks', async () => {
    const seen = new Set(
      (await Promise.all(CASES.map(([, marked]) => lintText(unmarked(marked.split('\n')).text))))
        .flat()
        .map(({ code }) => code),
    );
    const large = role(
      'a',
      ...Array.from({ length: 12 }, (_, i) =>
        rule(`x${i}`, `action: read, principal: { attributes: { f${i}: true } }, conditions: { category: c${i} }`),
      ),
    );
    for (const { code } of await lintText(large)) seen.add(code);
    expect(Object.keys(CHECKS).filter((code) => !seen.has(code))).toEqual([]);
  });

  it('names the fields of a condition that no index helps with, which are those without an index in the store', async () => {
    const found = await lintText(role('a', rule('x', `action: read, conditions: { category: a, ${OWN} }`)));
    expect(found).toMatchObject([{ code: 'not_indexed', severity: 'note' }]);
    expect(found[0]?.message).toContain('no index has category:');
    const memories = COLLECTIONS.find(({ name }) => name === 'memories');
    const keys = (memories?.indexes ?? [])
      .filter((one) => !one.partialFilterExpression)
      .flatMap(({ key }) => Object.keys(key));
    expect(new Set(keys.map((key) => (key === '_id' ? 'id' : key)))).toEqual(INDEXED);
  });

  it('tells what an intended blind write is by maximum_level, as a note', async () => {
    const blind = role(
      'a',
      rule('x', 'action: create'),
      rule('y', 'action: read, conditions: { sensitivity: { $in: [public, private] } }'),
    );
    const severities = async (text: string) =>
      (await lintText(text)).filter(({ code }) => code === 'writes_above_read');
    expect(await severities(blind)).toMatchObject([{ severity: 'warning' }]);
    expect(await severities(`maximum_level: sensitive\n${blind}`)).toMatchObject([{ severity: 'note' }]);
    expect(await severities(`maximum_level: private\n${blind}`)).toEqual([]);
  });

  it('tells all that the loader refuses, at the same places', async () => {
    for (const { text, issues } of refusedFiles()) {
      const found = await lint({ texts: [{ file: REFUSED, text }], unread: [] }, AT);
      expect(found.every(({ severity }) => severity === 'error')).toBe(true);
      expect(found.map(({ line, column, code }) => `${line}:${column} ${code}`).sort()).toEqual(
        issues.map(({ line, column, code }) => `${line}:${column} ${code}`).sort(),
      );
    }
  });

  it.each(['', ...EXAMPLES])('the shipped policies have no error and no warning: %s', async (folder) => {
    const found = await lint(await readPolicyFolder(join(PACKAGED_POLICIES, folder)), AT);
    // What the examples are there to show: a denial that rests on a fact of the credential.
    const meant = new Set(['denies_without_fact']);
    expect(found.filter(({ severity, code }) => severity !== 'note' && !meant.has(code))).toEqual([]);
  });
});

describe('policy lint', () => {
  async function inPolicies<T>(text: string, work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), 'memwarden-lint-'));
    try {
      await writeFile(join(folder, 'a.yaml'), text);
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it('exits with 20 for a finding as bad as --fail-on, with 0 for less', () =>
    inPolicies(role('a', all('conditions: { category: x }, ')), async (folder) => {
      expect((await cli(['policy', 'lint', '--policies', folder])).exit).toBe(0);
      expect((await cli(['policy', 'lint', '--policies', folder, '--fail-on', 'note'])).exit).toBe(20);
      await writeFile(join(folder, 'b.yaml'), 'role: b\nrules: []\n');
      const { exit, out } = await cli(['policy', 'lint', '--policies', folder]);
      expect(exit).toBe(20);
      expect(out).toContain('b.yaml:2:8 warning no_rules: ');
      expect((await cli(['policy', 'lint', '--policies', folder, '--fail-on', 'error'])).exit).toBe(0);
    }));

  it('tells what does not load as errors, and still answers in the form that was asked for', () =>
    inPolicies('role: A\nrules: []\n', async (folder) => {
      const { exit, out } = await cli(['policy', 'lint', '--policies', folder, '--json']);
      expect(exit).toBe(20);
      expect(json(out)).toEqual({
        findings: [
          { code: 'name', severity: 'error', file: 'a.yaml', line: 1, column: 7, message: expect.any(String) },
        ],
      });
    }));

  it('writes SARIF 2.1.0: each result names a rule of the driver and a place with an address', () =>
    inPolicies(`${role('a', all('conditions: { category: x }, '))}bogus: 1\n`, async (folder) => {
      const { out } = await cli(['policy', 'lint', '--policies', folder, '--format', 'sarif']);
      const log = json(out) as unknown as {
        version: string;
        runs: {
          tool: { driver: { name: string; rules: { id: string; defaultConfiguration: { level: string } }[] } };
          results: {
            ruleId: string;
            ruleIndex: number;
            level: string;
            message: { text: string };
            locations: { physicalLocation: { artifactLocation: { uri: string }; region: object } }[];
          }[];
        }[];
      };
      expect([log.version, log.runs.length]).toEqual(['2.1.0', 1]);
      const [run] = log.runs;
      expect(run?.results).toHaveLength(1);
      for (const { ruleId, ruleIndex, level, message, locations } of run?.results ?? []) {
        expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
        expect([ruleId, level]).toEqual(['unknown_key', 'error']);
        expect(message.text.length).toBeGreaterThan(3);
        expect(locations[0]?.physicalLocation.region).toEqual({ startLine: 4, startColumn: 1 });
        expect(locations[0]?.physicalLocation.artifactLocation.uri).toMatch(/a\.yaml$/);
      }
      expect(new Set(run?.tool.driver.rules.map(({ id }) => id)).size).toBe(run?.tool.driver.rules.length);
    }));
});

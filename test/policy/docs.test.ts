import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { ACTIONS_OF, type Action, type SubjectName } from '../../src/model/actions.js';
import type { Candidate } from '../../src/model/evaluate.js';
import { FILTERABLE, type FieldName } from '../../src/model/fields.js';
import { toPrincipal } from '../../src/model/principal.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { parsePolicies } from '../../src/policy/load.js';
import { parseCaseFiles } from '../../src/workbench/cases/case-file.js';
import { testPolicies } from '../../src/workbench/cases/test.js';
import { MAX_POLICY_FILE } from '../../src/policy/yaml-source.js';

const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
const SOUND = { id: 'm', user_id: 'alice', sensitivity: 'public', category: 'work' };

interface Line {
  readonly who: string;
  readonly asked: string;
  readonly record: string;
  readonly decision: string;
}

/** The policies of the page, each with the decisions in the table below it. */
const [, ...blocks] = page.split('```yaml\n');
const examples = blocks
  .filter((part) => part.includes('\nrules:\n'))
  .map((part) => {
    const [text = '', rest = ''] = part.split('```\n');
    const table = rest.split(/\n(?=[^|\n])/)[0] ?? '';
    const rows = table.split('\n').map((row) => /^\| `(.+)` \| (.+) \| `(.+)` \| (\w+) \|$/.exec(row));
    const lines = rows.flatMap((row): Line[] => {
      const [, who = '', asked = '', record = '', decision = ''] = row ?? [];
      return row ? [{ who, asked, record, decision }] : [];
    });
    return { text, lines };
  });

async function decide(text: string, { who, asked, record }: Line): Promise<string> {
  const [, at = '2026-06-15T00:00:00Z', facts = ''] = /^(?:at (\S+) )?(.*)$/.exec(who) ?? [];
  const set = parsePolicies([{ file: 'docs/policies.md', text }]);
  const engine = await PolicyEngine.start({
    load: () => Promise.resolve(set),
    clock: () => new Date(at),
    alarms: new Alarms(),
    maxStaleMs: 0,
    cacheSize: 1,
  });
  const written = parse(record) as Record<string, string>;
  const typed = Object.entries(written).map(([name, value]) => [
    name,
    FILTERABLE.get(name as never) === 'date' ? new Date(value) : value,
  ]);
  const candidate: Candidate = { ...SOUND, ...Object.fromEntries(typed) };
  const [action, field] = asked.split(' ') as [Action, FieldName | undefined];
  try {
    const principal = toPrincipal({ id: 'p', role: [...set.roles.keys()][0], ...(parse(facts) as object) });
    return engine.bind(principal).decide(action, 'Memory', candidate, field) ? 'allowed' : 'denied';
  } catch (error) {
    if (isMemwardenError(error)) return error.code;
    throw error;
  }
}

describe('docs/policies.md', () => {
  it('shows eight policies, each with what it decides', () => {
    expect(examples.map((example) => example.lines.length > 1)).toEqual(Array.from({ length: 8 }, () => true));
    const rows = page.split('\n').filter((line) => / \| (allowed|denied|invalid_principal) \|$/.test(line));
    expect(examples.flatMap((example) => example.lines).length).toBe(rows.length);
  });

  it.each(examples.flatMap(({ text, lines }) => lines.map((line) => ({ text, ...line }))))(
    'is right that for $who, $asked of $record is $decision',
    async ({ text, ...line }) => expect(await decide(text, line)).toBe(line.decision),
  );

  it('shows a test that passes on the policy at its top, and that a wider policy fails', async () => {
    const text = blocks.find((part) => part.includes('\nexpect:\n'))?.split('```\n')[0] ?? '';
    const files = parseCaseFiles([{ file: 'tests/agent.yaml', text }], []);
    const failed = async (policy: string) => {
      const { results } = await testPolicies(parsePolicies([{ file: 'agent.yaml', text: policy }]), files);
      return [results.length, results.filter(({ ok }) => !ok).length];
    };
    const top = examples[0]?.text ?? '';
    expect(await failed(top)).toEqual([2 * (3 * 8 + 2) + 1, 0]);
    expect(await failed(top.replace('[public, private] }', '[public, private, sensitive] }'))).toEqual([53, 3]);
  });

  it('names every pair of the table, and the size of a file', () => {
    const rows = page
      .split('\n')
      .map((row) => /^\| ([A-Z][A-Za-z, ]+) \| ([a-z, ]+) \|$/.exec(row))
      .filter((row) => row !== null);
    const told = rows.flatMap(([, subjects = '', actions = '']) =>
      subjects.split(', ').map((subject) => [subject, actions.split(', ')]),
    );
    expect(Object.fromEntries(told)).toEqual(ACTIONS_OF as Record<SubjectName, readonly string[]>);
    expect(page).toContain(`${MAX_POLICY_FILE} characters`);
  });
});

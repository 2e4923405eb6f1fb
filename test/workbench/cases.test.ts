import { describe, expect, it } from '@jest/globals';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { parseCaseFiles } from '../../src/workbench/cases/case-file.js';
import { readCases } from '../../src/workbench/cases/folder.js';
import { testPolicies } from '../../src/workbench/cases/test.js';
import { failureOf, toJunit, toTap, type TestRun } from '../../src/workbench/cases/reports.js';
import { readPolicies } from '../../src/workbench/policies.js';
import { cli, inFolder, json } from '../cli/in-process.js';
import { EXAMPLES } from './examples.js';
import { policiesOfTexts, role } from './policies.js';

const RULES = role(
  'a',
  '{ id: x, action: read, subject: Memory, conditions: { category: work, sensitivity: public }, reason: r }',
  '{ id: y, action: read, subject: Memory, inverted: true, principal: { attributes: { suspended: true } }, reason: r }',
);
const HEAD = `principals:
  one: { role: a, attributes: { suspended: false } }
  bad: { role: a, attributes: { suspended: true } }
memories:
  work: { category: work, sensitivity: public }
  home: { category: home, sensitivity: public }
`;

function run(tests: string, rules = RULES): Promise<TestRun> {
  const files = parseCaseFiles([{ file: 'tests/t.yaml', text: tests }], []);
  return testPolicies(policiesOfTexts({ 'a.yaml': rules }).set, files);
}

const failures = ({ results }: TestRun) => results.filter(({ ok }) => !ok).map(failureOf);

describe('policy tests', () => {
  it('ask every action of every record for every principal; what is not named expects deny', async () => {
    const done = await run(`${HEAD}expect: { one: { work: [read] } }\n`);
    expect(failures(done)).toEqual([]);
    expect(done.results).toHaveLength(2 * 2 * 8);
    expect(failures(await run(`${HEAD}expect: {}\n`))).toEqual([
      'tests/t.yaml:2:3 one read work: expected denied, allowed by x',
    ]);
    expect(failures(await run(`${HEAD}expect: { bad: { work: [read] }, one: { work: [read] } }\n`))).toEqual([
      'tests/t.yaml:7:18 bad read work: expected allowed, denied by y',
    ]);
  });

  it('G1: fail where decision and query do not agree, whatever is expected', async () => {
    const done = await run(`${HEAD}expect: { one: { work: [read] } }\n`);
    const [first] = done.results;
    if (!first) throw new Error('no case');
    const torn = { ...first, expected: 'denied', decision: 'denied', plan: 'allowed', ok: false };
    expect(failureOf(torn)).toContain('the decision says denied, the query allowed');
  });

  it('S7: ask field by field where rules or the test tell fields apart', async () => {
    const limited = role('a', '{ id: x, action: read, subject: Memory, fields: [category, occurred_at], reason: r }');
    const only =
      'principals: { one: { role: a } }\nmemories: { m: {} }\nexpect: { one: { m: [{ read: [category] }] } }\n';
    expect(failures(await run(only, limited))).toEqual([
      'tests/t.yaml:3:18 one read m occurred_at: expected denied, allowed by x',
    ]);
    expect(failures(await run(only.replace('[category]', '[category, occurred_at]'), limited))).toEqual([]);
    expect(failures(await run(only.replace('{ read: [category] }', 'read'), limited)).length).toBeGreaterThan(5);
    const whole = role('a', '{ id: x, action: read, subject: Memory, reason: r }');
    expect(failures(await run(only, whole)).length).toBeGreaterThan(5);
  });

  it('S4: expect invalid_principal of facts that the engine must refuse', async () => {
    const tests = (expected: string) =>
      `principals: { one: { role: a, attributes: { suspended: "true" } } }\nmemories: { m: {} }\nexpect: ${expected}\n`;
    expect(failures(await run(tests('{ one: invalid_principal }')))).toEqual([]);
    expect(failures(await run(tests('{}')))).toEqual(['tests/t.yaml:1:15 one: expected accepted, invalid_principal']);
  });

  it('S1: records without a level or with one that no level is are denied, and expired ones', async () => {
    const rules = role('a', '{ id: x, action: read, subject: Memory, reason: r }');
    const tests = `at: 2026-06-01T00:00:00Z
principals: { one: { role: a } }
memories: { good: {}, bad: { sensitivity: Public }, none: { sensitivity: null }, old: { expires_at: 2026-06-01T00:00:00Z } }
expect: { one: { good: [read] } }
`;
    expect(failures(await run(tests, rules))).toEqual([]);
  });

  it('compare the default and the highest level of a role', async () => {
    const tests = `${HEAD}levels: { a: { default_level: public, maximum_level: private } }\nexpect: { one: { work: [read] } }\n`;
    expect(failures(await run(tests))).toEqual([
      'tests/t.yaml:7:11 levels of a: expected public up to private, private up to sensitive',
    ]);
  });

  const refused: readonly [name: string, text: string, place: string][] = [
    ['an unknown key', `${HEAD}expect: {}\nexpects: {}\n`, '8:1 unknown_key'],
    ['an unknown field', `${HEAD.replace('category: work', 'content: x')}expect: {}\n`, '5:11 unknown_key'],
    ['an unknown principal', `${HEAD}expect: { two: {} }\n`, '7:11 unknown_name'],
    ['an unknown record', `${HEAD}expect: { one: { other: [] } }\n`, '7:18 unknown_name'],
    ['an action that no subject has', `${HEAD}expect: { one: { work: [write] } }\n`, '7:25 value'],
    ['an action that the subject has not', `${HEAD}expect: { one: { work: [audit] } }\n`, '7:25 no_such_pair'],
    ['a time that is none', `at: yesterday\n${HEAD}expect: {}\n`, '1:5 date'],
    ['an anchor', `${HEAD}expect: &a {}\n`, '7:12 anchor'],
    ['a prototype name', `${HEAD}expect: { __proto__: {} }\n`, '7:11 unknown_key'],
  ];
  it.each(refused)('are refused for %s, with the place', (_, text, place) => {
    try {
      parseCaseFiles([{ file: 't.yaml', text }], []);
    } catch (error) {
      if (!isMemwardenError(error, 'policy_invalid')) throw error;
      expect(error.issues.map(({ line, column, code }) => `${line}:${column} ${code}`)).toContain(place);
      return;
    }
    throw new Error('it was accepted');
  });
});

describe('coverage', () => {
  it('counts a condition only where some case would have come out otherwise without it', async () => {
    const both = await run(`${HEAD}expect: { one: { work: [read] } }\n`);
    expect(both.coverage.items).toEqual([
      { rule: 'x', covered: true },
      { rule: 'x', condition: 'category $eq', covered: true },
      // No record of another level is asked about.
      { rule: 'x', condition: 'sensitivity $eq', covered: false },
      { rule: 'y', covered: true },
      { rule: 'y', condition: 'attributes.suspended', covered: true },
    ]);
    expect([both.coverage.rules, Math.round(both.coverage.conditions)]).toEqual([100, 67]);
    const levels = HEAD.replace('memories:', 'memories:\n  secret: { category: work, sensitivity: sensitive }');
    expect((await run(`${levels}expect: { one: { work: [read] } }\n`)).coverage.conditions).toBe(100);
  });

  it('counts time limits and fields too', async () => {
    const rules = role(
      'a',
      '{ id: x, action: read, subject: Memory, fields: [category, occurred_at], not_before: 2026-01-01T00:00:00Z, not_after: 2027-01-01T00:00:00Z, reason: r }',
    );
    const at = (time: string) => `at: ${time}\nprincipals: { one: { role: a } }\nmemories: { m: {} }\n`;
    const inside = await run(
      `${at('2026-06-01T00:00:00Z')}expect: { one: { m: [{ read: [category, occurred_at] }] } }\n`,
      rules,
    );
    expect(inside.coverage.items.filter(({ covered }) => covered).map(({ condition }) => condition)).toEqual([
      undefined,
      'fields',
    ]);
    const after = await run(`${at('2027-01-01T00:00:00Z')}expect: {}\n`, rules);
    expect(after.coverage.items.filter(({ covered }) => covered).map(({ condition }) => condition)).toEqual([
      'not_after',
    ]);
  });
});

describe('the shipped policies', () => {
  it.each(['', ...EXAMPLES])('G5: pass their tests, which cover every rule and condition: %s', async (folder) => {
    const path = join(PACKAGED_POLICIES, folder);
    const { set } = await readPolicies(path);
    const done = await testPolicies(set, await readCases(path));
    expect(failures(done)).toEqual([]);
    expect(done.coverage.items.filter(({ covered }) => !covered)).toEqual([]);
    expect(done.results.length).toBeGreaterThan(20);
    expect(done.results.some(({ decision }) => decision === 'allowed')).toBe(true);
  });
});

describe('policy test', () => {
  async function withTests<T>(tests: string, work: (folder: string) => Promise<T>): Promise<T> {
    return inFolder(async (folder) => {
      await mkdir(join(folder, 'tests'));
      await writeFile(join(folder, 'a.yaml'), RULES);
      await writeFile(join(folder, 'tests/t.yaml'), tests);
      return work(folder);
    });
  }

  it('exits with 0 where all pass, with 20 for a failure or too little coverage, with 6 for a malformed test', async () => {
    await withTests(`${HEAD}expect: { one: { work: [read] } }\n`, async (folder) => {
      const flags = ['policy', 'test', '--policies', folder];
      expect(await cli(flags)).toMatchObject({ exit: 0, out: expect.stringContaining('32 passed, 0 failed') });
      expect((await cli([...flags, '--threshold', '66'])).exit).toBe(0);
      expect((await cli([...flags, '--threshold', '67'])).exit).toBe(20);
      expect((await cli([...flags, '--threshold', '101'])).exit).toBe(2);
    });
    await withTests(`${HEAD}expect: {}\n`, async (folder) =>
      expect((await cli(['policy', 'test', '--policies', folder])).exit).toBe(20),
    );
    await withTests('expect: 5\n', async (folder) =>
      expect((await cli(['policy', 'test', '--policies', folder])).exit).toBe(6),
    );
    await inFolder(async (folder) => {
      await cp(join(PACKAGED_POLICIES, 'agent.yaml'), join(folder, 'agent.yaml'));
      expect((await cli(['policy', 'test', '--policies', folder])).exit).toBe(6);
    });
  });

  it('writes JSON, TAP and JUnit that count alike', () =>
    withTests(`${HEAD}expect: {}\n`, async (folder) => {
      const flags = ['policy', 'test', '--policies', folder];
      expect(json((await cli([...flags, '--json'])).out)).toMatchObject({
        passed: 31,
        failed: 1,
        coverage: { rules: 100 },
      });
      const tap = (await cli([...flags, '--format', 'tap'])).out;
      expect(tap.split('\n').slice(0, 2)).toEqual(['TAP version 14', '1..32']);
      expect([tap.match(/^ok /gm)?.length, tap.match(/^not ok \d+ - one read work$/gm)?.length]).toEqual([31, 1]);
      const xml = (await cli([...flags, '--format', 'junit'])).out;
      expect(xml).toContain('<testsuite name="tests/t.yaml" tests="32" failures="1"');
      expect(xml.match(/<failure /g)).toHaveLength(1);
    }));

  it('lets no name of a test end a TAP line or an XML element', async () => {
    const done = await run(`${HEAD}expect: {}\n`);
    const results = done.results.map((one) => ({ ...one, name: 'a # TODO <b> "&', ok: false }));
    expect(toTap({ ...done, results })).toContain('not ok 1 - a \\# TODO <b> "&');
    expect(await toJunit({ ...done, results })).toContain('name="a # TODO &lt;b> &quot;&amp;"');
  });
});

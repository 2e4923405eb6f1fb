import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { MemwardenError, type Issue } from '../../src/errors/memwarden-error.js';
import { loadPolicyFolder, parsePolicies, type PolicyText } from '../../src/policy/load.js';
import { allShapeIssues, NAMING_KEYS } from '../../src/policy/shape-issues.js';
import { readYaml } from '../../src/policy/yaml-source.js';
import { REFUSED, refusedFiles } from './refused-files.js';
import { refusedTables } from './refused-tables.js';

function refusal(...texts: PolicyText[]): MemwardenError {
  try {
    parsePolicies(texts);
  } catch (error) {
    expect(error).toBeInstanceOf(MemwardenError);
    expect((error as MemwardenError).code).toBe('policy_invalid');
    return error as MemwardenError;
  }
  throw new Error('the policies were accepted');
}

function placesOf(issues: readonly Issue[]): string[] {
  return issues.map(({ line, column, code }) => `${line}:${column} ${code}`).sort();
}

const written = refusedFiles();
const files = [...written, ...refusedTables()];

describe('the policy loader refuses, with file, line, column and code, and tells every fault of a file at once', () => {
  it('has more than 300 refused files, all different, most of them not of one table', () => {
    expect(written.length).toBeGreaterThanOrEqual(120);
    expect(files.filter(({ name }) => !name.includes('has not the action')).length).toBeGreaterThanOrEqual(300);
    expect(new Set(files.map(({ text }) => text)).size).toBe(files.length);
    expect(new Set(files.map((file) => file.name)).size).toBe(files.length);
    expect(files.every((file) => file.issues.length > 0)).toBe(true);
  });

  it.each(files)('S1, S2, invariants 3 to 5: $name', ({ text, issues, says }) => {
    const error = refusal({ file: REFUSED, text });
    const expected = issues.map((issue) => `${issue.line}:${issue.column} ${issue.code}`).sort();
    expect(placesOf(error.issues)).toEqual(expected);
    for (const issue of error.issues) {
      expect(issue.file).toBe(REFUSED);
      expect(issue.message.length).toBeGreaterThan(3);
      expect(error.message).toContain(`${REFUSED}:${issue.line}:${issue.column} ${issue.code}: ${issue.message}`);
    }
    for (const said of says) expect(error.issues.map((issue) => issue.message).join('\n')).toContain(said);
  });

  it('counts lines alike with carriage returns and after a byte order mark', () => {
    const text = 'role: reader\nrules: []\nbogus: 1\n';
    expect(placesOf(refusal({ file: 'a', text: text.replaceAll('\n', '\r\n') }).issues)).toEqual(['3:1 unknown_key']);
    expect(placesOf(refusal({ file: 'a', text: `\ufeff${text}` }).issues)).toEqual(['3:1 unknown_key']);
  });

  it('names the keys that a mapping may have where it has another, of a file, of a rule and of who asks', () => {
    const rule =
      'id: a\n    action: read\n    subject: Memory\n    reason: x\n    if: x\n    principal: { roles: x }\n';
    const { issues } = refusal({ file: 'a', text: `role: reader\nextends: x\nrules:\n  - ${rule}` });
    expect(issues.map(({ line, message }) => [line, message])).toEqual([
      [2, 'there is no key "extends" here; write role, description, default_level, maximum_level, rules'],
      [
        8,
        'there is no key "if" here; write id, action, subject, conditions, fields, principal, inverted, not_before, not_after, requires_approval, reason',
      ],
      [9, 'there is no key "roles" here; write purpose, attributes'],
    ]);
  });

  it('names no more of them than a line can hold', () => {
    const many = z.strictObject(
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, z.string().optional()])),
    );
    const source = readYaml('a', 'bogus: 1\n');
    if (!('value' in source)) throw new Error('is not YAML');
    const { error } = many.safeParse(source.value, NAMING_KEYS);
    const [issue] = allShapeIssues(source, error?.issues ?? []);
    expect(issue?.message).toMatch(/^there is no key "bogus" here; write k0, k1, [^]*k23, or 476 others$/);
  });

  it('tells the faults of every file at once, and loads none of them', () => {
    const error = refusal(
      { file: 'a.yaml', text: 'role: a\nrules: []\nbogus: 1\n' },
      { file: 'b.yaml', text: 'role: b\nrules: []\n' },
      { file: 'c.yaml', text: 'role: c\n' },
    );
    expect(error.issues.map((issue) => `${issue.file} ${issue.code}`)).toEqual([
      'a.yaml unknown_key',
      'c.yaml missing_key',
    ]);
  });

  it('refuses a role and a rule id that another file has', () => {
    const text = 'role: a\nrules:\n  - { id: same, action: read, subject: Memory, reason: r }\n';
    const { issues } = refusal({ file: 'a.yaml', text }, { file: 'b.yaml', text });
    expect(issues).toMatchObject([
      { file: 'b.yaml', line: 1, column: 7, code: 'duplicate_role' },
      { file: 'b.yaml', line: 3, column: 11, code: 'duplicate_rule', message: 'a.yaml has this id too' },
    ]);
  });

  it('takes a file that it has read before as it was, beside whatever else', () => {
    const a = { file: 'a.yaml', text: 'role: a\nrules:\n  - { id: x, action: read, subject: Memory, reason: r }\n' };
    const b = { file: 'b.yaml', text: 'role: b\nrules:\n  - { id: x, action: read, subject: Memory, reason: r }\n' };
    const { revision, roles } = parsePolicies([a]);
    expect(parsePolicies([b]).roles.get('b')?.rules).toHaveLength(1);
    for (let again = 0; again < 2; again += 1) {
      expect(parsePolicies([a])).toEqual({ revision, roles });
      expect(refusal(a, b).issues).toMatchObject([
        { file: 'b.yaml', code: 'duplicate_rule', message: 'a.yaml has this id too' },
      ]);
      expect(refusal(a, { ...a, file: 'c.yaml' }).issues.map(({ code }) => code)).toEqual([
        'duplicate_role',
        'duplicate_rule',
      ]);
      expect(refusal(a, { ...a }).issues.map(({ code }) => code)).toEqual(['duplicate_role', 'duplicate_rule']);
      expect(parsePolicies([{ ...a, text: a.text.replace('read', 'explain') }]).revision).not.toBe(revision);
    }
  });

  it('refuses no files at all', () => {
    expect(refusal().issues).toMatchObject([{ code: 'no_policies', line: 1, column: 1 }]);
  });
});

describe('the policy loader is done with a hostile file in seconds, not minutes', () => {
  const head = 'role: a\nrules:\n';
  const laughs = Array.from({ length: 24 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}, *a${i}]`);
  const nested = Array.from({ length: 180 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
  const cases: readonly [name: string, text: string, code: string, first?: string][] = [
    ['a megabyte', `${head}${'# x\n'.repeat(262_144)}`, 'too_large', '1:1'],
    ['a billion laughs', `a0: &a0 [x]\n${laughs.join('\n')}\n`, 'alias'],
    ['flow lists nested ten thousand deep', '['.repeat(10_000), 'too_deep', '1:33'],
    ['flow mappings nested ten thousand deep', '{a: '.repeat(10_000), 'too_deep', '1:129'],
    ['lists nested a line each, the depth hidden in comments', '[\n# ]\n'.repeat(8_000), 'too_deep'],
    ['closing brackets before opening ones', `# ${']'.repeat(20_000)}\n${'[\n'.repeat(10_000)}`, 'too_deep'],
    ['compact lists nested ten thousand deep', '- '.repeat(10_000), 'too_deep', '1:1'],
    ['explicit keys nested ten thousand deep', '? '.repeat(10_000), 'too_deep', '1:1'],
    ['keys and lists nested by turns', '- ? '.repeat(10_000), 'too_deep', '1:1'],
    ['mappings nested by indentation', nested, 'too_deep', '32:32'],
    ['compact mappings on one line', 'a: '.repeat(20_000), 'yaml', '1:4'],
    ['twelve thousand equal keys', 'a: 1\n'.repeat(12_000), 'duplicate_key'],
    ['six thousand unknown keys', Array.from({ length: 6_000 }, (_, i) => `k${i}: 1\n`).join(''), 'unknown_key'],
    ['thirty thousand rules that are numbers', `role: a\nrules: [${'1,'.repeat(30_000)}1]\n`, 'type', '2:9'],
    ['tabs', '\t:\n'.repeat(20_000), 'yaml', '1:1'],
    ['quotes', '"'.repeat(60_000), 'yaml'],
    ['directives', '%a\n'.repeat(20_000), 'yaml'],
    ['anchors', '&a '.repeat(20_000), 'yaml', '1:4'],
    ['documents', '---\n'.repeat(15_000), 'yaml', '2:1'],
    ['a NUL', 'role: a\u0000', 'not_text', '1:8'],
    ['half a surrogate pair', 'role: a\ud800', 'not_text', '1:8'],
  ];

  it.each(cases.map(([name, text, code, first]) => ({ name, text, code, first })))('$name', ({ text, code, first }) => {
    // Processor time: what else runs on the machine is not the loader's.
    const before = process.cpuUsage();
    const { issues } = refusal({ file: 'hostile.yaml', text });
    const { user, system } = process.cpuUsage(before);
    expect(issues.map((issue) => issue.code)).toContain(code);
    if (first !== undefined)
      expect(`${issues[0]?.line}:${issues[0]?.column} ${issues[0]?.code}`).toBe(`${first} ${code}`);
    expect(issues.length).toBeLessThanOrEqual(500);
    expect((user + system) / 1000).toBeLessThan(5_000);
  });
});

describe('a folder of policies', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'memwarden-policies-'));
    await mkdir(join(folder, 'folder.yaml'));
    await writeFile(join(folder, 'latin.yaml'), Buffer.from('role: caf\xe9\nrules: []\n', 'latin1'));
    await writeFile(join(folder, 'large.yml'), '# x\n'.repeat(300_000));
    await writeFile(join(folder, 'good.yaml'), 'role: good\nrules: []\n');
    await writeFile(join(folder, 'notes.txt'), 'not a policy');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is refused as a whole, with what is wrong with each file that cannot be read', async () => {
    const error = await loadPolicyFolder(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MemwardenError);
    expect((error as MemwardenError).issues.map(({ file, code }) => `${file} ${code}`)).toEqual([
      'folder.yaml unreadable',
      'large.yml too_large',
      'latin.yaml not_text',
    ]);
  });

  it('with a file whose name has lines of its own puts no line of them into the message', async () => {
    const inner = join(folder, 'named');
    await mkdir(inner);
    const names = ['a\nok   store: in order.yaml', 'b\u2028ok.yaml'];
    for (const name of names) await writeFile(join(inner, name), 'role: a\nrules: [ { id: x } ]\n');
    const error = (await loadPolicyFolder(inner).catch((thrown: unknown) => thrown)) as MemwardenError;
    expect(
      error.message
        .split(/[\n\u2028]/)
        .slice(1)
        .every((line) => line.startsWith('  ')),
    ).toBe(true);
    expect(error.message).toContain('a\\u{a}ok   store: in order.yaml:2:');
    expect(new Set(error.issues.map(({ file }) => file))).toEqual(new Set(names));
  });

  it('is refused where it is not there, and the message holds its name and not its path', async () => {
    const error = (await loadPolicyFolder(join(folder, 'absent')).catch((thrown: unknown) => thrown)) as MemwardenError;
    expect(error.issues).toMatchObject([{ file: 'absent', code: 'unreadable' }]);
    expect(JSON.stringify(error)).not.toContain(folder);
  });

  it('of the package and its examples loads, and its revision does not depend on the order of files', async () => {
    const packaged = await loadPolicyFolder(PACKAGED_POLICIES);
    expect([...packaged.roles.keys()].sort()).toEqual(['admin', 'agent', 'export']);
    expect(packaged.revision).toMatch(/^[0-9a-f]{64}$/);
    await expect(loadPolicyFolder(join(PACKAGED_POLICIES, 'examples'))).resolves.toBeDefined();
    const texts = ['a', 'b', 'c'].map((role) => ({ file: role, text: `role: ${role}\nrules: []\n` }));
    expect(parsePolicies(texts).revision).toBe(parsePolicies([...texts].reverse()).revision);
    expect(parsePolicies(texts).revision).not.toBe(parsePolicies(texts.slice(1)).revision);
  });
});

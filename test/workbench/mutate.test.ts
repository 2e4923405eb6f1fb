import { describe, expect, it } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { parseCaseFiles } from '../../src/workbench/cases/case-file.js';
import { readCases } from '../../src/workbench/cases/folder.js';
import { mutantsOf } from '../../src/workbench/mutants.js';
import { equivalentsOf, mutate } from '../../src/workbench/mutate.js';
import { readPolicies, readPolicyFolder } from '../../src/workbench/policies.js';
import { cli, inFolder, json } from '../cli/in-process.js';
import { EXAMPLES } from './examples.js';
import { policiesOfTexts, role } from './policies.js';

const RICH = role(
  'a',
  `{ id: x, action: [read, explain], subject: Memory, not_before: 2026-01-01T00:00:00Z, not_after: 2027-01-01T00:00:00Z,
     conditions: { sensitivity: { $in: [public, private] }, category: work, occurred_at: { $gt: 2026-01-01T00:00:00Z, $lte: 2026-06-01T00:00:00Z }, agent_id: { $exists: true } },
     principal: { purpose: care, attributes: { trained: true } }, reason: r }`,
  '{ id: y, action: read, subject: Memory, inverted: true, fields: [category, content], reason: r }',
);

describe('mutants', () => {
  it('come from every operator, each with a name of its own', () => {
    const [source] = policiesOfTexts({ 'a.yaml': RICH }).roles;
    if (!source) throw new Error('no role');
    const names = mutantsOf(source.written).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'x: drop rule',
        'x: deny instead',
        'y: allow instead',
        'x: drop action explain',
        'x: add action delete',
        'x: drop condition category',
        'x: drop public from sensitivity',
        'x: widen sensitivity to sensitive',
        'x: $gte for $eq of category',
        'x: drop $gt of occurred_at',
        'x: $gte for $gt of occurred_at',

        'x: flip $exists of agent_id',
        'x: drop purpose',
        'x: drop attribute trained',
        'x: drop not_before',
        'x: drop not_after',
        'y: drop fields',
        'y: drop field content',
        'a: default_level sensitive',
        'a: maximum_level public',
      ]),
    );
  });

  const policies = policiesOfTexts({
    'a.yaml': role('a', '{ id: x, action: read, subject: Memory, conditions: { sensitivity: public }, reason: r }'),
  });
  const tests = (memories: string) =>
    parseCaseFiles(
      [
        {
          file: 't.yaml',
          text: `principals: { one: { role: a } }\nmemories: { ${memories} }\nlevels: { a: { default_level: private, maximum_level: sensitive } }\nexpect: { one: { low: [read] } }\n`,
        },
      ],
      [],
    );

  it('survive where no test looks, and are killed where one does', async () => {
    const weak = await mutate(policies, tests('low: { sensitivity: public }'), []);
    expect(weak.survivors).toEqual([
      'x: drop condition sensitivity',
      'x: widen sensitivity to private',
      'x: widen sensitivity to sensitive',
    ]);
    const strong = await mutate(
      policies,
      tests('low: { sensitivity: public }, middle: { sensitivity: private }, high: { sensitivity: sensitive }'),
      [],
    );
    expect(strong).toMatchObject({ survivors: [], mistaken: [] });
    expect(strong.killed).toBe(weak.killed + 3);
  });

  it('are excused by name alone, and an excuse that excuses nothing is told', async () => {
    const reason = 'because nobody looks';
    const files = tests('low: { sensitivity: public }, high: { sensitivity: sensitive }');
    const found = await mutate(policies, files, [
      { mutant: 'x: widen sensitivity to private', reason },
      { mutant: 'x: drop rule', reason },
      { mutant: 'x: no such change', reason },
    ]);
    expect(found).toMatchObject({
      survivors: [],
      equivalent: [{ mutant: 'x: widen sensitivity to private', reason }],
      mistaken: ['x: drop rule', 'x: no such change'],
    });
  });
});

describe('the shipped policies', () => {
  it.each(['', ...EXAMPLES])('G5: their tests kill every mutant that changes something: %s', async (folder) => {
    const path = join(PACKAGED_POLICIES, folder);
    const equivalents = equivalentsOf(await readPolicyFolder(join(path, 'tests')));
    const found = await mutate(await readPolicies(path), await readCases(path), equivalents);
    expect(found).toMatchObject({ survivors: [], mistaken: [] });
    expect(found.killed).toBeGreaterThan(10);
  });
});

describe('policy mutate', () => {
  it('exits with 0 where all are killed, with 20 where one survives, and refuses tests that fail anyhow', async () => {
    const done = await cli(['policy', 'mutate', '--json']);
    expect(done.exit).toBe(0);
    expect(json(done.out)).toMatchObject({ survivors: [], equivalent: [{ mutant: expect.any(String) }] });
    await inFolder(async (folder) => {
      await mkdir(join(folder, 'tests'));
      await writeFile(join(folder, 'a.yaml'), role('a', '{ id: x, action: read, subject: Memory, reason: r }'));
      const test = join(folder, 'tests/t.yaml');
      await writeFile(test, 'principals: { one: { role: a } }\nmemories: { m: {} }\nexpect: { one: { m: [read] } }\n');
      const survived = await cli(['policy', 'mutate', '--policies', folder]);
      expect([survived.exit, survived.out]).toEqual([20, expect.stringContaining('survived: a: default_level public')]);
      await writeFile(test, 'principals: { one: { role: a } }\nmemories: { m: {} }\nexpect: {}\n');
      expect((await cli(['policy', 'mutate', '--policies', folder])).exit).toBe(2);
    });
  });
});

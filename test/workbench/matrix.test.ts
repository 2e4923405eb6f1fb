import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import { matrixOf, type Cell, type Matrix } from '../../src/workbench/matrix.js';
import { MATRIX_FORMATS, writeMatrix } from '../../src/workbench/matrix-pages.js';
import { readPolicies } from '../../src/workbench/policies.js';
import { policyMatrix } from '../../scripts/documents.mjs';
import { cli, json } from '../cli/in-process.js';
import { AT, policiesOfTexts, role } from './policies.js';

const page = new URL('../../docs/policy-matrix.md', import.meta.url);

function answers(matrix: Matrix, role: string, facts: string, action: string): Record<string, string> {
  const table = matrix.roles.find((one) => one.role === role && one.facts === facts);
  const cells = (table?.cells ?? []).filter((cell) => cell.subject === 'Memory' && cell.action === action);
  return Object.fromEntries(cells.map((cell: Cell) => [`${cell.level} ${cell.place}`, cell.answer]));
}

const yes = (...spots: string[]) => ({ ...nothing, ...Object.fromEntries(spots.map((spot) => [spot, 'yes'])) });
const nothing = Object.fromEntries(
  ['public', 'private', 'sensitive'].flatMap((level) =>
    ['own', 'foreign', 'expired'].map((place) => [`${level} ${place}`, 'no']),
  ),
);

describe('the matrix', () => {
  it('G5: docs/policy-matrix.md is what `npm run docs` writes', async () => {
    const matrix = await matrixOf(await readPolicies(PACKAGED_POLICIES), new Date(0));
    expect(readFileSync(page, 'utf8')).toBe(policyMatrix(writeMatrix(matrix, 'markdown')));
  });

  it('has a table for each combination of facts that changes what a role may do, and none for others', async () => {
    const matrix = await matrixOf(
      policiesOfTexts({
        'nurse.yaml': role(
          'nurse',
          '{ id: care, action: read, subject: Memory, principal: { purpose: care }, conditions: { sensitivity: { $in: [public, private] } }, reason: r }',
          '{ id: no-bulk, action: export, subject: Memory, inverted: true, principal: { attributes: { bulk: true } }, reason: r }',
        ),
      }),
      AT,
    );
    expect(matrix.complete).toBe(true);
    expect(matrix.roles.map(({ facts }) => facts)).toEqual(['', 'purpose=care']);
    expect(answers(matrix, 'nurse', '', 'read')).toEqual(nothing);
    expect(answers(matrix, 'nurse', 'purpose=care', 'read')).toEqual(
      yes('public own', 'public foreign', 'private own', 'private foreign'),
    );
  });

  it('says some where other fields decide, and which; yes where two rules together leave nothing out', async () => {
    const matrix = await matrixOf(
      policiesOfTexts({
        'a.yaml': role(
          'a',
          '{ id: food, action: read, subject: Memory, conditions: { category: food, sensitivity: public }, reason: r }',
          '{ id: before, action: read, subject: Memory, conditions: { sensitivity: private, occurred_at: { $lt: 2026-01-01T00:00:00Z } }, reason: r }',
          '{ id: since, action: read, subject: Memory, conditions: { sensitivity: private, occurred_at: { $gte: 2026-01-01T00:00:00Z } }, reason: r }',
        ),
      }),
      AT,
    );
    const read = answers(matrix, 'a', '', 'read');
    expect([read['public own'], read['private own'], read['sensitive own']]).toEqual(['some', 'yes', 'no']);
    expect(matrix.roles[0]?.cells.find((cell) => cell.answer === 'some')?.depends).toEqual(['category', 'occurred_at']);
  });

  it('S9: allows no act on a memory that the role may not read, and none above its maximum level', async () => {
    const matrix = await matrixOf(
      policiesOfTexts({
        'a.yaml': `maximum_level: private\n${role('a', '{ id: blind, action: [create, update], subject: Memory, reason: r }')}`,
      }),
      AT,
    );
    expect(answers(matrix, 'a', '', 'update')).toEqual(nothing);
    expect(answers(matrix, 'a', '', 'create')).toEqual(
      yes('public own', 'public foreign', 'private own', 'private foreign'),
    );
  });

  it('S7: lists the only fields that an action may use', async () => {
    const matrix = await matrixOf(
      policiesOfTexts({
        'a.yaml': role('a', '{ id: x, action: read, subject: Memory, fields: [category, occurred_at], reason: r }'),
      }),
      AT,
    );
    expect(matrix.roles[0]?.cells.find((cell) => cell.action === 'read')?.fields).toEqual(['category', 'occurred_at']);
    expect(writeMatrix(matrix, 'markdown')).toContain('read may use these fields only');
  });

  it('says for which moment it holds where a rule has time limits', async () => {
    const policies = policiesOfTexts({
      'a.yaml': role('a', '{ id: x, action: read, subject: Memory, not_after: 2026-07-01T00:00:00Z, reason: r }'),
    });
    expect(answers(await matrixOf(policies, AT), 'a', '', 'read')['public own']).toBe('yes');
    const later = await matrixOf(policies, new Date('2026-07-01T00:00:00Z'));
    expect(answers(later, 'a', '', 'read')['public own']).toBe('no');
    expect(writeMatrix(later, 'markdown')).toContain('what holds at 2026-07-01T00:00:00.000Z');
  });
});

describe('the forms of the matrix', () => {
  const hostile = policiesOfTexts({
    'a.yaml': `description: "<script>alert(1)</script> | [x](http://x) =1+1"\n${role('a', '{ id: x, action: read, subject: Memory, principal: { purpose: "=cmd()" }, reason: r }')}`,
  });

  it('all carry every cell', async () => {
    const matrix = await matrixOf(hostile, AT);
    const cells = matrix.roles.reduce((sum, { cells }) => sum + cells.length, 0);
    const rows = parse(writeMatrix(matrix, 'csv'), { columns: true }) as unknown[];
    expect(rows).toHaveLength(cells);
    const back = JSON.parse(writeMatrix(matrix, 'json')) as Matrix;
    expect(back.roles.flatMap((one) => one.cells)).toHaveLength(cells);
  });

  it('are text: nothing of a policy file becomes a tag, a table cell, a link or a formula', async () => {
    const matrix = await matrixOf(hostile, AT);
    const html = writeMatrix(matrix, 'html');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/\bsrc=|\bhref=|url\(|@import/);
    expect(writeMatrix(matrix, 'markdown')).toContain('\\<script\\>alert(1)\\</script\\> \\| \\[x\\](http://x)');
    expect(writeMatrix(matrix, 'csv')).not.toMatch(/(^|,)[=+@-]/m);
  });

  it('come from the command line', async () => {
    for (const format of MATRIX_FORMATS) {
      const { exit, out } = await cli(['policy', 'matrix', '--format', format, '--at', '2026-06-15T00:00:00Z']);
      expect([format, exit, out]).toEqual([
        format,
        0,
        writeMatrix(await matrixOf(await readPolicies(PACKAGED_POLICIES), AT), format),
      ]);
    }
    expect(json((await cli(['policy', 'matrix', '--json'])).out)).toMatchObject({ complete: true });
    expect((await cli(['policy', 'matrix', '--format', 'pdf'])).exit).toBe(2);
    expect((await cli(['policy', 'matrix', '--policies', '/nowhere'])).exit).toBe(6);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { isMemwardenError, MemwardenError } from '../../src/errors/memwarden-error.js';
import { ERRORS, type ErrorCode } from '../../src/errors/table.js';
import { LANGUAGES, RULES } from '../../src/classify/rules.js';
import { FIELDS } from '../../src/model/fields.js';
import { SETTINGS } from '../../src/config/serve/load.js';
import { policyJsonSchema } from '../../src/policy/schema.js';
import { toOwner } from '../../src/model/owner.js';
import { toPrincipal } from '../../src/model/principal.js';
import { documents } from '../../scripts/documents.mjs';

const codes = Object.keys(ERRORS) as ErrorCode[];
const written = documents({ ERRORS, FIELDS, RULES, LANGUAGES, SETTINGS, policyJsonSchema });
const stored = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the documents that are made from tables', () => {
  it.each(Object.keys(written))('%s is what `npm run docs` writes', (path) => {
    expect(stored(path)).toBe(written[path]);
  });

  it('docs/errors.md has one row for each code, with status, exit code, message and remedy', () => {
    const rows = stored('docs/errors.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.split(' | ')).map(([code]) => code?.slice(3, -1))).toEqual(codes);
    rows.forEach((row, i) => {
      const { status, exit, message, remedy } = ERRORS[codes[i] as ErrorCode];
      expect(row).toBe(`| \`${codes[i]}\` | ${status} | ${exit} | ${message} | ${remedy} |`);
    });
  });

  it('docs/record.md has one row for each field', () => {
    const rows = stored('docs/record.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.slice(3, row.indexOf('`', 3)))).toEqual(FIELDS.map((field) => field.name));
  });

  it('policies/schema.json describes every key, so that editors can', () => {
    const { properties } = JSON.parse(stored('policies/schema.json')) as {
      properties: Record<string, { description?: string }>;
    };
    expect(Object.entries(properties).filter(([, part]) => !part.description)).toEqual([]);
  });
});

describe('the error table', () => {
  it.each(codes)('%s has a status, an exit code, a sentence and a remedy', (code) => {
    const { status, exit, message, remedy } = ERRORS[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect([400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 431, 422, 429, 500, 503, 504, 507]).toContain(status);
    expect(exit).toBeGreaterThan(0);
    expect(exit).toBeLessThan(126);
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
    const error = new MemwardenError(code);
    expect([error.code, error.status, error.remedy, error.message, error.name]).toEqual([
      code,
      status,
      remedy,
      message,
      'MemwardenError',
    ]);
    expect(isMemwardenError(error, code)).toBe(true);
    expect(isMemwardenError(error, code === 'internal' ? 'closed' : 'internal')).toBe(false);
  });

  it('is the type of codes: another code does not compile', () => {
    // @ts-expect-error a code that the table has not
    expect(() => new MemwardenError('no_such_code')).toThrow();
    expect(isMemwardenError(new Error('internal'))).toBe(false);
  });
});

describe('invariant 10: an error holds no content, secret or query', () => {
  it('as JSON holds its row, its detail and its issues, and neither stack nor cause', () => {
    const error = new MemwardenError('invalid_argument', { argument: 'filter' });
    Object.assign(error, { cause: new Error('SECRET') });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'invalid_argument',
      message: 'An argument is malformed. (argument: filter)',
      remedy: ERRORS.invalid_argument.remedy,
      detail: { argument: 'filter' },
    });
    expect(Object.isFrozen(error.detail)).toBe(true);
  });

  it('whatever value a principal or an owner is refused for', () => {
    const canary = 'CANARY-4711';
    const value = fc.oneof(
      fc.string({ maxLength: 5 }).map((text) => `${text}${canary}\u0000`),
      fc.constantFrom<unknown>(
        [canary],
        { [canary]: [canary] },
        { $ne: [canary] },
        new String(canary),
        `${canary}\ud800`,
      ),
    );
    const key = fc.constantFrom('id', 'role', 'userId', 'purpose', 'attributes', canary);
    const acts = [
      (one: unknown) => toOwner(one),
      (one: unknown, at: string) => toPrincipal({ id: 'p', role: 'agent', [at]: one }),
      (one: unknown, at: string) => toPrincipal({ id: 'p', role: 'agent', attributes: { [`${at}\u0000`]: one } }),
    ];
    fc.assert(
      fc.property(value, key, fc.constantFrom(...acts), (one, at, act) => {
        try {
          act(one, at);
        } catch (error) {
          const all = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
          return isMemwardenError(error) && !all.includes(canary);
        }
        return false;
      }),
      { seed: 14, numRuns: 1_000 },
    );
  });
});

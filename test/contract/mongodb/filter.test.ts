import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FILTERABLE, type FilterableName } from '../../../src/model/fields.js';
import { planOf } from '../../../src/model/plan.js';
import { and, compared, eq, not, oneOf, or, type Operand, type Predicate } from '../../../src/model/predicate.js';
import { WELL_FORMED } from '../../../src/model/well-formed.js';
import { translator } from '../../../src/store/mongodb/filter.js';
import { filterOf } from '../../../src/store/mongodb/reads.js';
import { plannedQuery } from '../../../src/store/planned.js';

const translate = translator('_id');
const date = new Date('2026-01-01T00:00:00.000Z');

describe('The translation of predicates to MongoDB filters', () => {
  test.each<[string, Predicate, unknown]>([
    ['equality, the id by its name there', eq('id', 'a'), { _id: { $eq: 'a' } }],
    ['a list', oneOf('sensitivity', ['public', 'private']), { sensitivity: { $in: ['public', 'private'] } }],
    ['an order', compared('occurred_at', 'gte', date), { occurred_at: { $gte: date } }],
    ['presence', { kind: 'compare', field: 'agent_id', op: 'exists', value: false }, { agent_id: { $exists: false } }],
    [
      'and',
      and(eq('category', 'a'), eq('app_id', 'b')),
      { $and: [{ category: { $eq: 'a' } }, { app_id: { $eq: 'b' } }] },
    ],
    ['or', or(eq('category', 'a'), eq('app_id', 'b')), { $or: [{ category: { $eq: 'a' } }, { app_id: { $eq: 'b' } }] }],
    ['not', not(eq('category', 'a')), { $nor: [{ category: { $eq: 'a' } }] }],
    ['true', { kind: 'true' }, { $and: [{}] }],
    ['false', { kind: 'false' }, { $nor: [{}] }],
  ])('%s', (_, predicate, filter) => {
    expect(translate(predicate)).toEqual(filter);
  });

  test('the id has the name that the collection gives it', () => {
    expect(translator('memory_id')(eq('id', 'a'))).toEqual({ memory_id: { $eq: 'a' } });
    expect(translator('user_id')(eq('user_id', 'a'))).toEqual({ user_id: { $eq: 'a' } });
  });

  test('S1: the well-formed condition asks type, level and no array of every filterable field', () => {
    const filter = translate(WELL_FORMED) as Record<string, unknown>;
    expect(filter['sensitivity']).toEqual({ $in: ['public', 'private', 'sensitive'] });
    const refused = filter['$nor'] as Record<string, unknown>[];
    const others = ['number', 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, -1, 127];
    const date = { $gte: new Date(-8.64e15), $lte: new Date(8.64e15) };
    const expected: { readonly [field: string]: [must: unknown, ...refused: unknown[]] } = {
      id: [undefined, { $not: { $type: 2 } }],
      user_id: [{ $type: 2 }, { $type: 4 }],
      sensitivity: [{ $in: ['public', 'private', 'sensitive'] }, { $type: [4, 14] }],
      category: [{ $type: 2 }, { $type: 4 }],
      agent_id: [undefined, { $type: others }],
      app_id: [undefined, { $type: others }],
      session_id: [undefined, { $type: others }],
      occurred_at: [date, { $type: 4 }],
      expires_at: [undefined, { $type: 4 }, { $exists: true, $not: date }],
    };
    expect(Object.keys(expected).sort()).toEqual([...FILTERABLE.keys()].sort());
    for (const [name, [must, ...mustNot]] of Object.entries(expected)) {
      const field = name === 'id' ? '_id' : name;
      expect(filter[field]).toEqual(must);
      expect(refused.flatMap((part) => (field in part ? [part[field]] : []))).toEqual(mustNot);
    }
  });

  test('invariant 6: the parts of a query stand in one `$and`, beside which a field stands by equality alone', () => {
    const partition = { tenant: 'default', userId: 'alice' };
    const either = or(eq('category', 'a'), eq('category', 'b'));
    const filter = filterOf(plannedQuery(partition, [planOf(either)], [or(eq('app_id', 'x'), eq('app_id', 'y'))]));
    expect(filter).toEqual({
      user_id: 'alice',
      tenant: 'default',
      $and: [
        { $nor: [{ act: { $exists: true } }, { user_id: { $type: [4, 14] } }, { tenant: { $type: 4 } }] },
        { $or: [{ category: { $eq: 'a' } }, { category: { $eq: 'b' } }] },
        { $or: [{ app_id: { $eq: 'x' } }, { app_id: { $eq: 'y' } }] },
      ],
    });
  });
});

const OPERATORS = [
  '$eq',
  '$in',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$exists',
  '$type',
  '$nin',
  '$and',
  '$or',
  '$nor',
  '$not',
];
const HOSTILE = [
  '$where',
  '$gt',
  '{"$gt":""}',
  '__proto__',
  'user_id',
  '$$ROOT',
  "'; return true; //",
  '\u0000',
  '.*',
  '$expr',
];

describe('G3: no text of a caller becomes an operator', () => {
  const fields = [...FILTERABLE];
  const operand = (field: (typeof fields)[number]): fc.Arbitrary<Operand> =>
    field[1] === 'date' ? fc.date({ noInvalidDate: true }) : fc.oneof(fc.constantFrom(...HOSTILE), fc.string());
  const leaf = fc.constantFrom(...fields).chain((field) => {
    const name: FilterableName = field[0];
    return fc.oneof(
      operand(field).map((value) => eq(name, value)),
      fc.array(operand(field), { minLength: 1, maxLength: 3 }).map((values) => oneOf(name, values)),
      fc
        .tuple(fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const), operand(field))
        .map(([op, value]) => compared(name, op, value)),
    );
  });
  const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => and(...parts)),
      fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((parts) => or(...parts)),
      tie('tree').map(not),
    ),
  }));

  test('every key is an operator of the table or a field, and every operand is text, a date or a boolean', () => {
    const names = new Set([...FILTERABLE.keys()].map((name) => (name === 'id' ? '_id' : name)) as string[]);
    let texts = 0;
    const check = (node: unknown, operator: string): void => {
      if (node instanceof Date || typeof node === 'boolean') return;
      if (typeof node === 'string') {
        // A text stands where a value stands, and nowhere else.
        expect(['$eq', '$in', '$gt', '$gte', '$lt', '$lte']).toContain(operator);
        texts += 1;
        return;
      }
      if (Array.isArray(node)) return node.forEach((item) => check(item, operator));
      expect(Object.getPrototypeOf(node)).toBe(Object.prototype);
      for (const [key, value] of Object.entries(node as object)) {
        expect(OPERATORS.includes(key) || names.has(key)).toBe(true);
        check(value, key);
      }
    };
    fc.assert(
      fc.property(tree, (predicate) => check(translate(predicate), '')),
      { seed: 20_262, numRuns: 500, verbose: 1 },
    );
    expect(texts).toBeGreaterThan(500);
  });
});

import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { compileWhere, type Opened, type Where } from '../../src/guard/where.js';
import { compile, type Candidate } from '../../src/model/evaluate.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { compared, eq, oneOf } from '../../src/model/predicate.js';

const SEED = 20_269;
const days = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 0, day)));
const some = <const T extends readonly unknown[]>(...of: T): fc.Arbitrary<T[number]> => fc.constantFrom(...of);
const agents = ['a', 'b', 'c'];

const leaf: fc.Arbitrary<Where> = fc.oneof(
  fc.constantFrom(...agents).map((agent): Where => ({ kind: 'clear', of: eq('agent_id', agent) })),
  fc.subarray(agents).map((list): Where => ({ kind: 'clear', of: oneOf('agent_id', list) })),
  fc
    .tuple(some('gt', 'gte', 'lt', 'lte'), fc.constantFrom(...days))
    .map(([op, day]): Where => ({ kind: 'clear', of: compared('occurred_at', op, day) })),
  fc
    .tuple(some('eq', 'gt', 'gte', 'lt', 'lte'), fc.constantFrom(...days))
    .map(([op, value]): Where => ({ kind: 'time', op, value })),
  fc
    .tuple(some('content', 'category'), some('te', 'TE', 'x'), fc.boolean())
    .map(([field, value, folded]): Where => ({ kind: 'text', field, value, folded })),
  fc
    .tuple(some('k', 'toString'), some('eq', 'gt', 'lte', 'contains', 'icontains'), some('te', 'Te', 1, null))
    .map(([key, op, value]): Where => ({ kind: 'metadata', key, op, value })),
);
const { where } = fc.letrec<{ where: Where }>((tie) => ({
  where: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ kind: some('all', 'any'), of: fc.array(tie('where'), { maxLength: 3 }) }),
    tie('where').map((of): Where => ({ kind: 'none', of })),
  ),
}));
const record = fc.record(
  {
    agent_id: fc.constantFrom(...agents),
    occurred_at: fc.constantFrom(...days),
    updated_at: fc.constantFrom(...days),
    category: some('Team', 'general'),
  },
  { requiredKeys: ['occurred_at', 'updated_at', 'category'] },
) as unknown as fc.Arbitrary<MemoryRecord>;
const opened = fc.record(
  {
    content: some('Tea', 'xyz'),
    metadata: fc.record({ k: fc.constantFrom<unknown>('te', 'latest', 1, 2, null, ['te', 1], { te: 1 }) }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Opened>;

/** What a condition means, told once more and in another way: by counting how many of its parts hold. */
function meaning(of: Where, row: MemoryRecord, open: Opened): boolean {
  switch (of.kind) {
    case 'all':
      return of.of.filter((one) => meaning(one, row, open)).length === of.of.length;
    case 'any':
      return of.of.filter((one) => meaning(one, row, open)).length > 0;
    case 'none':
      return meaning(of.of, row, open) === false;
    case 'clear':
      return compile(of.of)(row as unknown as Candidate);
    default:
      return compileWhere(of).test?.(row, open) ?? false;
  }
}

describe('A condition with AND, OR and NOT', () => {
  test('asks the store for nothing less than what satisfies it, and tests what is left', () => {
    let asked = 0;
    let left = 0;
    fc.assert(
      fc.property(where, record, opened, (condition, row, open) => {
        const { predicate, test: rest } = compileWhere(condition);
        const inQuery = compile(predicate)(row as unknown as Candidate);
        const holds = meaning(condition, row, open);
        if (holds) expect(inQuery).toBe(true);
        expect(inQuery && (rest?.(row, open) ?? true)).toBe(holds);
        if (!inQuery) asked += 1;
        if (inQuery && !holds) left += 1;
      }),
      { seed: SEED, numRuns: 5_000 },
    );
    // The sample is neither empty nor total: the store refuses some, and some only the test.
    expect(asked).toBeGreaterThan(500);
    expect(left).toBeGreaterThan(200);
  });

  test('S7: names every field that it uses, also within NOT', () => {
    const fields = (of: Where) => [...compileWhere(of).fields].sort();
    const metadata: Where = { kind: 'metadata', key: 'k', op: 'eq', value: 1 };
    const agent: Where = { kind: 'clear', of: eq('agent_id', 'a') };
    expect(fields({ kind: 'none', of: { kind: 'any', of: [metadata, agent] } })).toEqual(['agent_id', 'metadata']);
    const day: Where = { kind: 'time', op: 'eq', value: new Date(0) };
    const text: Where = { kind: 'text', field: 'content', value: 'x', folded: true };
    expect(fields({ kind: 'all', of: [day, text, agent, agent] })).toEqual(['agent_id', 'content', 'updated_at']);
  });

  test('is asked of the store as a whole where the store knows all of its fields', () => {
    const agent: Where = { kind: 'clear', of: eq('agent_id', 'a') };
    const { predicate, test: rest } = compileWhere({
      kind: 'none',
      of: { kind: 'any', of: [agent, { kind: 'none', of: agent }] },
    });
    expect(rest).toBeUndefined();
    expect(predicate.kind).toBe('not');
  });

  test('folds a text once a record, however many of its parts ask of it', () => {
    const parts = Array.from({ length: 8 }, (_, i): Where[] => [
      { kind: 'text', field: 'content', value: `no${i}`, folded: true },
      { kind: 'text', field: 'category', value: `no${i}`, folded: true },
      { kind: 'metadata', key: 'k', op: 'icontains', value: `no${i}` },
      { kind: 'metadata', key: 'list', op: 'icontains', value: `no${i}` },
    ]);
    const { test: rest } = compileWhere({ kind: 'any', of: parts.flat() });
    const row = { category: 'Category' } as MemoryRecord;
    const folds = jest.spyOn(String.prototype, 'toUpperCase');
    try {
      for (const content of ['One', 'Two'])
        expect(rest?.(row, { content, metadata: { k: 'Value', list: ['Item', 1] } })).toBe(false);
      const folded = folds.mock.contexts.map(String);
      expect(folded.sort()).toEqual(['Category', 'Category', 'Item', 'Item', 'One', 'Two', 'Value', 'Value']);
    } finally {
      folds.mockRestore();
    }
  });

  test('a key of metadata is one of its own, and values of two kinds are in no order', () => {
    const holds = (key: string, op: 'eq' | 'gt' | 'lt', value: string | number) =>
      compileWhere({ kind: 'metadata', key, op, value }).test?.({} as MemoryRecord, { metadata: { a: '10', b: 9 } });
    expect(holds('toString', 'eq', 'x')).toBe(false);
    expect([holds('a', 'gt', 1), holds('a', 'lt', 100), holds('b', 'gt', '1')]).toEqual([false, false, false]);
    expect([holds('b', 'gt', 1), holds('a', 'lt', '9')]).toEqual([true, true]);
  });
});

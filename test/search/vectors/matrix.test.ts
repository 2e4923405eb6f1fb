import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareText } from '../../../src/model/text.js';
import { accelerator, type Accelerator } from '../../../src/search/vectors/accelerator.js';
import type { Near } from '../../../src/search/semantic.js';
import { VectorMatrix, toQuery, type QueryVector } from '../../../src/search/vectors/matrix.js';

const SEED = 54;
const MODEL = 'm';
const usearch = accelerator();

// The oracle: all cosines by the textbook, sorted.
function naive(vectors: ReadonlyMap<string, readonly number[]>, query: readonly number[], limit: number): Near[] {
  const length = (v: readonly number[]) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  return [...vectors]
    .map(([id, vector]) => {
      const product = vector.reduce((sum, x, i) => sum + x * (query[i] as number), 0);
      return { id, cosine: product / length(vector) / length(query) };
    })
    .sort((a, b) => b.cosine - a.cosine || compareText(a.id, b.id))
    .slice(0, limit);
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}
const query = (vector: readonly number[]) => toQuery(vector) as QueryVector;

// Coarse numbers, so that equal cosines are common and no two differ by a rounding alone.
const dimension = 6;
const coarse = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: dimension, maxLength: dimension })
  .filter((vector) => vector.some((x) => x !== 0));
const id = fc.integer({ min: 0, max: 60 }).map((n) => `id-${n}`);
type Step = { readonly set: string; readonly vector: readonly number[] } | { readonly take: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ set: id, vector: coarse }), weight: 4 },
  { arbitrary: fc.record({ take: id }), weight: 1 },
);

describe('the matrix of a view', () => {
  test('finds what a naive scan finds, after any adding, replacing and taking away', () => {
    let equal = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 120 }),
        coarse,
        fc.integer({ min: 1, max: 70 }),
        (steps, asked, limit) => {
          const matrix = new VectorMatrix(MODEL, dimension);
          const kept = new Map<string, readonly number[]>();
          for (const one of steps) {
            if ('set' in one) {
              matrix.set(one.set, MODEL, one.vector);
              kept.set(one.set, one.vector);
            } else expect(matrix.delete(one.take)).toBe(kept.delete(one.take));
          }
          const found = matrix.top(query(asked), limit, compareText);
          const wanted = naive(kept, asked, limit);
          expect(matrix.size).toBe(kept.size);
          expect(found).toHaveLength(wanted.length);
          found.forEach(({ id: name, cosine }, i) => {
            expect(cosine).toBeCloseTo((wanted[i] as Near).cosine, 5);
            expect(matrix.cosine(query(asked), name)).toBe(cosine);
          });
          // Cosines that are equal on paper may differ in the last bit, so ids are compared as sets between steps.
          const rounded = (rows: readonly Near[]) => rows.map((row) => `${row.cosine.toFixed(4)} ${row.id}`).sort();
          const last = wanted.at(-1)?.cosine ?? 0;
          const inside = (rows: readonly Near[]) => rounded(rows.filter((row) => row.cosine > last + 1e-4));
          expect(inside(found)).toEqual(inside(wanted));
          if (new Set(found.map(({ cosine }) => cosine)).size < found.length) equal += 1;
        },
      ),
      { seed: SEED, numRuns: 400 },
    );
    expect(equal).toBeGreaterThan(20);
  });

  test('G7: ids, order and scores are the same to the last bit whatever came and went before', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(id, coarse), { selector: ([name]) => name, minLength: 1, maxLength: 60 }),
        fc.array(step, { maxLength: 60 }),
        coarse,
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat()),
        (rows, noise, asked, limit, stream) => {
          const plain = new VectorMatrix(MODEL, dimension);
          for (const [name, vector] of rows) plain.set(name, MODEL, vector);
          const stirred = new VectorMatrix(MODEL, dimension);
          for (const one of noise) {
            if ('set' in one) stirred.set(one.set, MODEL, one.vector);
          }
          const shuffled = rows.map((row) => ({ row, at: stream.next().value as number }));
          for (const { row } of shuffled.sort((a, b) => a.at - b.at)) stirred.set(row[0], MODEL, row[1]);
          for (const one of noise) {
            if ('set' in one && !rows.some(([name]) => name === one.set)) stirred.delete(one.set);
          }
          expect(stirred.top(query(asked), limit, compareText)).toEqual(plain.top(query(asked), limit, compareText));
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('equal cosines are ordered by the comparison that is given, also at the limit', () => {
    const matrix = new VectorMatrix(MODEL, 2);
    for (const name of ['d', 'b', 'e', 'a', 'c']) matrix.set(name, MODEL, [1, 1]);
    const names = (compare: (a: string, b: string) => number) =>
      matrix.top(query([1, 0]), 3, compare).map(({ id: name }) => name);
    expect(names(compareText)).toEqual(['a', 'b', 'c']);
    expect(names((a, b) => compareText(b, a))).toEqual(['e', 'd', 'c']);
  });

  test('holds more than one block, across which rows move', () => {
    const next = random(SEED);
    const wide = 4;
    const matrix = new VectorMatrix(MODEL, wide);
    const kept = new Map<string, readonly number[]>();
    for (let i = 0; i < 9_000; i += 1) {
      const vector = Array.from({ length: wide }, next);
      matrix.set(`id-${i}`, MODEL, vector);
      kept.set(`id-${i}`, vector);
    }
    for (let i = 0; i < 9_000; i += 2) {
      matrix.delete(`id-${i}`);
      kept.delete(`id-${i}`);
    }
    const asked = Array.from({ length: wide }, next);
    const found = matrix.top(query(asked), 50, compareText);
    expect(found.map(({ id: name }) => name)).toEqual(naive(kept, asked, 50).map(({ id: name }) => name));
    expect([matrix.size, kept.size]).toEqual([4_500, 4_500]);
    const before = matrix.bytes;
    for (const name of kept.keys()) matrix.delete(name);
    expect([matrix.size, matrix.top(query(asked), 50, compareText)]).toEqual([0, []]);
    expect(matrix.bytes).toBeLessThan(before / 3);
  });

  test('knows its bytes: numbers, and what else a row takes', () => {
    const matrix = new VectorMatrix(MODEL, 384);
    expect(matrix.bytes).toBe(0);
    for (let i = 0; i < 100; i += 1) matrix.set(`id-${i}`, MODEL, new Array<number>(384).fill(1));
    expect(matrix.bytes).toBeGreaterThanOrEqual(100 * 384 * 4);
    expect(matrix.bytes).toBeLessThan(2.2 * 100 * 384 * 4);
    matrix.clear();
    expect([matrix.bytes, matrix.size, matrix.has('id-1')]).toEqual([0, 0, false]);
  });

  test('vectors of two models, or of two dimensions, are never compared', () => {
    const matrix = new VectorMatrix(MODEL, 2);
    matrix.set('a', MODEL, [1, 0]);
    const refused = expect.objectContaining({ code: 'embedder_refused' });
    for (const model of ['M', 'm ', '', 'm:1']) expect(() => matrix.set('b', model, [1, 0])).toThrow(refused);
    for (const vector of [[1], [1, 0, 0], [0, 0], [NaN, 1], [Infinity, 1]])
      expect(() => matrix.set('a', MODEL, vector)).toThrow(refused);
    for (const vector of [[1], [1, 0, 0]]) {
      expect(() => matrix.top(query(vector), 1, compareText)).toThrow(refused);
      expect(() => matrix.cosine(query(vector), 'a')).toThrow(refused);
    }
    expect(matrix.top(query([1, 0]), 5, compareText)).toEqual([{ id: 'a', cosine: 1 }]);
    expect(matrix.cosine(query([1, 0]), 'b')).toBeUndefined();
  });

  test('a query without a direction is none', () => {
    for (const vector of [[], [0, 0], [NaN, 1]]) expect(toQuery(vector)).toBeUndefined();
  });
});

describe('a matrix whose rows are proposed by usearch', () => {
  const dimensions = 48;
  const next = random(7);
  const some = (n: number) => Array.from({ length: n }, () => Array.from({ length: dimensions }, next));
  const fill = (vectors: readonly (readonly number[])[], propose?: Accelerator) => {
    const matrix = new VectorMatrix(MODEL, dimensions, propose, 512);
    vectors.forEach((vector, i) => matrix.set(`id-${i}`, MODEL, vector));
    return matrix;
  };

  test('usearch loads: the tests below compare it with plain loops', () => {
    expect(usearch).toBeDefined();
  });

  test.each([511, 512, 2_000, 5_000])('%d rows: the same to the last bit as by plain loops', (n) => {
    let proposals = 0;
    const counted: Accelerator = (...args) => {
      proposals += 1;
      return (usearch as Accelerator)(...args);
    };
    const vectors = some(n);
    const [plain, fast] = [fill(vectors), fill(vectors, counted)];
    for (const asked of some(20)) {
      for (const limit of [1, 10, 90])
        expect(fast.top(query(asked), limit, compareText)).toEqual(plain.top(query(asked), limit, compareText));
    }
    expect(proposals > 0).toBe(n >= 512);
  });

  test('also where so many rows are equal that it cannot tell which are the first', () => {
    const vectors = some(600).map((vector, i) => (i % 2 ? vector : new Array<number>(dimensions).fill(1)));
    const asked = query(new Array<number>(dimensions).fill(1));
    const [plain, fast] = [fill(vectors), fill(vectors, usearch)];
    expect(fast.top(asked, 10, compareText)).toEqual(plain.top(asked, 10, compareText));
  });

  test('an accelerator that lies is not believed: scores are computed here', () => {
    const vectors = some(1_000);
    const plain = fill(vectors);
    const lies: Accelerator[] = [
      (_rows, _query, wanted) => ({ places: Array.from({ length: wanted }, (_, i) => i), products: () => 1 }),
      (_rows, _query, wanted) => ({ places: Array.from({ length: wanted }, () => 3), products: () => -1 }),
      (_rows, _query, wanted) => ({ places: Array.from({ length: wanted }, (_, i) => i + 5_000), products: () => -1 }),
      () => ({ places: [], products: () => -1 }),
    ];
    for (const lie of lies) {
      const asked = query(some(1)[0] as number[]);
      expect(fill(vectors, lie).top(asked, 10, compareText)).toEqual(plain.top(asked, 10, compareText));
    }
  });
});

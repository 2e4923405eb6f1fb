import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareText } from '../../src/model/text.js';
import { fuse, semanticScore, type Scored } from '../../src/search/fusion.js';

const SEED = 60;
const rank: fc.Arbitrary<Scored[]> = fc
  .uniqueArray(
    fc.record({ id: fc.integer({ min: 0, max: 30 }).map(String), score: fc.float({ min: 0, max: 1, noNaN: true }) }),
    {
      selector: ({ id }) => id,
      maxLength: 25,
    },
  )
  .map((rows) => rows.sort((a, b) => b.score - a.score || compareText(a.id, b.id)));
const of = (...ids: string[]) => ids.map((id, i) => ({ id, score: 1 - i / 10 }));
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

describe('reciprocal rank fusion', () => {
  test('orders by the sum of 1 / (60 + place)', () => {
    const fused = fuse(of('a', 'b', 'c'), of('c', 'd'), compareText);
    expect(fused).toEqual([
      { id: 'c', score: 1, lexical: 0.8, semantic: 1, fusion: 1 / 63 + 1 / 61 },
      { id: 'a', score: 1, lexical: 1, fusion: 1 / 61 },
      { id: 'b', score: 0.9, lexical: 0.9, fusion: 1 / 62 },
      { id: 'd', score: 0.9, semantic: 0.9, fusion: 1 / 62 },
    ]);
  });

  test('what stands in both ranks comes before what stands as high in one alone', () => {
    fc.assert(
      fc.property(rank, rank, (lexical, semantic) => {
        const fused = fuse(lexical, semantic, compareText);
        const place = (rows: readonly Scored[], id: string) => rows.findIndex((row) => row.id === id);
        for (const [i, first] of fused.entries()) {
          for (const second of fused.slice(i + 1)) {
            const better = (rows: readonly Scored[]) => {
              const [a, b] = [place(rows, first.id), place(rows, second.id)];
              return b === -1 || (a !== -1 && a < b);
            };
            // The later one is never better in both.
            expect(better(lexical) || better(semantic)).toBe(true);
          }
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test('holds each memory of either rank once, with the larger of its absolute scores', () => {
    fc.assert(
      fc.property(rank, rank, (lexical, semantic) => {
        const fused = fuse(lexical, semantic, compareText);
        expect(ids(fused).sort()).toEqual([...new Set([...ids(lexical), ...ids(semantic)])].sort());
        for (const { id, score } of fused) {
          const scores = [...lexical, ...semantic].filter((row) => row.id === id).map((row) => row.score);
          expect(score).toBe(Math.max(...scores));
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('does not depend on which rank is which but for the names, nor on anything but the two ranks', () => {
    fc.assert(
      fc.property(rank, rank, (lexical, semantic) => {
        const one = fuse(lexical, semantic, compareText);
        const other = fuse(semantic, lexical, compareText);
        expect(other.map(({ id, score, fusion }) => ({ id, score, fusion }))).toEqual(
          one.map(({ id, score, fusion }) => ({ id, score, fusion })),
        );
        expect(ids(fuse(lexical, [], compareText))).toEqual(ids(lexical));
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test('equal ones are ordered by the comparison that is given: newer first, then by id', () => {
    const at: Record<string, number> = { a: 1, b: 3, c: 2, d: 2 };
    const newer = (x: string, y: string) => (at[y] as number) - (at[x] as number) || compareText(x, y);
    expect(ids(fuse(of('a', 'c'), of('b', 'd'), newer))).toEqual(['b', 'a', 'c', 'd']);
    expect(ids(fuse(of('b', 'd'), of('a', 'c'), newer))).toEqual(['b', 'a', 'c', 'd']);
  });
});

describe('the absolute score of a cosine', () => {
  test('lies in [0, 1], grows with the cosine, and is 0 where two texts point apart', () => {
    expect([-1, -0.2, 0, 0.25, 1, 1.0000001].map(semanticScore)).toEqual([0, 0, 0, 0.25, 1, 1]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { compareText } from '../../../src/model/text.js';
import { ViewVectors } from '../../../src/search/vectors/side.js';

const of = (...numbers: number[]) => Float32Array.from(numbers);

describe('the vectors of a view', () => {
  test('are of the model in use: others are passed over, and those of another length lie apart', () => {
    const side = new ViewVectors('m');
    side.set('a', 'old', of(1, 0));
    expect([side.size, side.bytes, side.top(of(1, 0), 5, compareText)]).toEqual([0, 0, []]);
    side.set('b', 'm', of(1, 0));
    side.set('c', 'm', of(1, 0, 0));
    side.set('d', 'm', of(0, 0));
    side.set('e', 'M', of(1, 0));
    expect(side.top(of(2, 0), 5, compareText)).toEqual([{ id: 'b', cosine: 1 }]);
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => side.cosine(of(1, 0), id))).toEqual([
      undefined,
      1,
      ...[1, 2, 3].map(() => undefined),
    ]);
  });

  test('a memory whose new vector is passed over is not found by its old one', () => {
    for (const [model, vector] of [
      ['old', of(1, 0)],
      ['m', of(1, 0, 0)],
      ['m', of(0, 0)],
    ] as const) {
      const side = new ViewVectors('m');
      side.set('a', 'm', of(1, 0));
      side.set('b', 'm', of(0, 1));
      side.set('a', model, vector);
      expect(side.top(of(1, 0), 5, compareText)).toEqual([{ id: 'b', cosine: 0 }]);
    }
  });

  test('a memory whose vector has another length changes nothing for the others, in whatever order they come', () => {
    const vectors = [
      ['a', of(1, 0)],
      ['b', of(1, 0, 0)],
      ['c', of(0, 1)],
    ] as const;
    for (const order of [vectors, [...vectors].reverse()]) {
      const side = new ViewVectors('m');
      for (const [id, vector] of order) side.set(id, 'm', vector);
      expect(side.top(of(1, 0), 5, compareText).map(({ id }) => id)).toEqual(['a', 'c']);
      expect(side.top(of(1, 0, 0), 5, compareText).map(({ id }) => id)).toEqual(['b']);
      expect(side.size).toBe(3);
    }
  });

  test('once all are gone, vectors of another length may come', () => {
    const side = new ViewVectors('m');
    side.set('a', 'm', of(1, 0));
    expect([side.delete('a'), side.delete('a'), side.bytes]).toEqual([true, false, 0]);
    side.set('a', 'm', of(0, 0, 1));
    expect(side.cosine(of(0, 0, 1), 'a')).toBe(1);
  });

  test('a query of another length, or without a direction, finds nothing', () => {
    const side = new ViewVectors('m');
    side.set('a', 'm', of(1, 0));
    for (const query of [of(1), of(1, 0, 0), of(0, 0), of(NaN, 1)]) {
      expect(side.top(query, 5, compareText)).toEqual([]);
      expect(side.cosine(query, 'a')).toBeUndefined();
    }
  });
});

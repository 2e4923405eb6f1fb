import { describe, expect, test } from '@jest/globals';
import { loadLanguages } from '../../src/search/languages.js';
import { Proposals, type Mode } from '../../src/search/proposals.js';
import type { Near, VectorSide } from '../../src/search/semantic.js';
import { ViewIndex } from '../../src/search/view-index.js';
import { WEIGHTS } from '../../src/search/weights.js';

const languages = await loadLanguages();
const K = 60;

/** The port of the vectors over a plain map. */
class PlainVectors implements VectorSide {
  readonly #vectors = new Map<string, Float32Array>();

  get bytes(): number {
    return this.#vectors.size * 8;
  }

  set(id: string, _: string, vector: Float32Array): void {
    this.#vectors.set(id, vector);
  }

  delete(id: string): boolean {
    return this.#vectors.delete(id);
  }

  cosine(query: Float32Array, id: string): number | undefined {
    const vector = this.#vectors.get(id);
    return vector && vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0);
  }

  top(query: Float32Array, limit: number, compare: (a: string, b: string) => number): Near[] {
    return [...this.#vectors.keys()]
      .map((id) => ({ id, cosine: this.cosine(query, id) ?? 0 }))
      .sort((a, b) => b.cosine - a.cosine || compare(a.id, b.id))
      .slice(0, limit);
  }
}

const at = (degrees: number) =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const QUERY = at(0);

function filled(count = 40): ViewIndex {
  const index = new ViewIndex(languages, WEIGHTS, new PlainVectors());
  for (let i = 0; i < count; i += 1) {
    index.put({
      id: `m${String(i).padStart(4, '0')}`,
      content: i % 3 === 0 ? `a lamp ${'and a chair '.repeat(i % 7)}` : `table ${i}`,
      occurredAt: new Date(i),
      // Some have no vector yet.
      ...(i % 5 === 4 ? {} : { embedding: { modelId: 'm', values: at((i * 37) % 180) } }),
    });
  }
  return index;
}

const ranked = (index: ViewIndex, mode: Mode) =>
  new Proposals(index, { text: 'the lamp', mode, vector: QUERY }).take(10_000);

describe('words and meaning together', () => {
  test('fusion orders by reciprocal rank; what is shown is the larger of the two absolute scores', () => {
    const index = filled();
    const words = ranked(index, 'lexical');
    const meaning = ranked(index, 'semantic');
    const both = ranked(index, 'hybrid');
    expect(words.length).toBeGreaterThan(5);
    expect(meaning.length).toBeGreaterThan(5);
    const place = new Map<string, number>();
    for (const rank of [words, meaning])
      rank.forEach(({ id }, i) => place.set(id, (place.get(id) ?? 0) + 1 / (K + i + 1)));
    const expected = [...place].sort(([a, x], [b, y]) => y - x || index.compare(a, b)).map(([id]) => id);
    expect(both.map(({ id }) => id)).toEqual(expected);
    const score = new Map(words.map((one) => [one.id, one.score]));
    const cosine = new Map(meaning.map((one) => [one.id, one.score]));
    for (const one of both) expect(one.score).toBe(Math.max(score.get(one.id) ?? 0, cosine.get(one.id) ?? 0));
  });

  test('a memory without a vector is found by its words, one without the words by its vector', () => {
    const both = ranked(filled(), 'hybrid');
    expect(both.some(({ lexical, semantic }) => lexical !== undefined && semantic === undefined)).toBe(true);
    expect(both.some(({ lexical, semantic }) => lexical === undefined && semantic !== undefined)).toBe(true);
    expect(both.filter(({ lexical, words }) => lexical === undefined && words.length > 0)).toEqual([]);
  });

  test('nothing is proposed twice and nothing is left out, also below the depth that is fused', () => {
    const index = filled(4_000);
    const both = ranked(index, 'hybrid');
    const all = new Set([...ranked(index, 'lexical'), ...ranked(index, 'semantic')].map(({ id }) => id));
    expect(both).toHaveLength(all.size);
    expect(new Set(both.map(({ id }) => id))).toEqual(all);
    expect(all.size).toBeGreaterThan(2_000);
  });

  test('in parts as at once, and when something is removed in between the rest goes on without it', () => {
    for (const mode of ['lexical', 'semantic', 'hybrid'] as const) {
      const index = filled();
      const whole = ranked(index, mode).map(({ id }) => id);
      const proposals = new Proposals(index, { text: 'the lamp', mode, vector: QUERY });
      const parts = [proposals.take(3), proposals.take(2), proposals.take(1_000)].flat();
      expect(parts.map(({ id }) => id)).toEqual(whole);
      const other = new Proposals(index, { text: 'the lamp', mode, vector: QUERY });
      const first = other.take(3).map(({ id }) => id);
      index.remove(whole[4]!);
      const rest = other.take(1_000).map(({ id }) => id);
      expect(new Set([...first, ...rest])).toEqual(new Set(whole.filter((_, i) => i !== 4)));
      expect(first.length + rest.length).toBe(whole.length - 1);
    }
  });

  test('S13: the vector of a memory that goes or expires goes with it', () => {
    const index = filled(10);
    index.put({
      id: 'soon',
      content: 'x',
      occurredAt: new Date(99),
      expiresAt: new Date(5),
      embedding: { modelId: 'm', values: QUERY },
    });
    expect(ranked(index, 'semantic')[0]?.id).toBe('soon');
    index.expire(new Date(5));
    expect(ranked(index, 'semantic').map(({ id }) => id)).not.toContain('soon');
    index.put({ id: 'm0000', content: 'without a vector now' });
    expect(ranked(index, 'semantic').map(({ id }) => id)).not.toContain('m0000');
  });
});

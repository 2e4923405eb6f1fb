import { createRequire } from 'node:module';
import { compareText } from '../../../src/model/text.js';
import { accelerator } from '../../../src/search/vectors/accelerator.js';
import { Best } from '../../../src/search/vectors/best.js';
import { innerProduct } from '../../../src/search/vectors/kernel.js';
import { toQuery, VectorMatrix, type QueryVector } from '../../../src/search/vectors/matrix.js';
import { progress, type Figures } from '../figures.js';
import { compete, microseconds, ratio, type Contender, type Latencies } from '../rounds.js';
import type { Suite } from '../suite.js';

const DIMENSION = 384;
const SIZES = [100, 1_000, 10_000, 100_000];
const LIMIT = 10;
// How many of the 8-bit rank are scored again.
const AGAIN = 100;
const MODEL = 'bench';

/** The vectors of a view alone: plain loops, `usearch`, and 8 bits with rescoring, on the same numbers. */
export const vectors: Suite = async (figures, { quick }) => {
  if (!accelerator()) progress('!! usearch does not load here: its figures are those of plain loops.');
  for (const size of quick ? SIZES.slice(0, 3) : SIZES) await measure(figures, size, quick);
};

async function measure(figures: Figures, size: number, quick: boolean): Promise<void> {
  progress(`${size} vectors of ${DIMENSION} numbers`);
  const next = gaussian(size);
  const one = () => Float32Array.from({ length: DIMENSION }, next);
  const plain = new VectorMatrix(MODEL, DIMENSION);
  const fast = new VectorMatrix(MODEL, DIMENSION, accelerator(), 512);
  const small = new Bytes(size);
  const before = memory();
  const adding = performance.now();
  for (let i = 0; i < size; i += 1) plain.set(`id-${i}`, MODEL, one());
  const added = performance.now() - adding;
  const taken = memory() - before;
  const again = gaussian(size);
  for (let i = 0; i < size; i += 1) {
    const vector = Float32Array.from({ length: DIMENSION }, again);
    fast.set(`id-${i}`, MODEL, vector);
    small.set(i, toQuery(vector) as QueryVector);
  }
  const queries = Array.from({ length: 20 }, () => toQuery(one()) as QueryVector);
  const query = (i: number) => queries[i % queries.length] as QueryVector;
  const contenders: Contender[] = [
    { name: 'plain', run: (i) => plain.top(query(i), LIMIT, compareText) },
    { name: 'usearch', run: (i) => fast.top(query(i), LIMIT, compareText) },
    { name: 'int8', run: (i) => small.top(query(i)) },
    { name: 'usearch_int8', run: (i) => small.fastTop(query(i)) },
  ];
  const large = size >= 100_000;
  const latencies = await compete(contenders, { rounds: quick || large ? 3 : 9, calls: large ? 25 : 100 });
  const at = `search.vectors.n${size}`;
  for (const { name } of contenders) {
    figures.add({ name: `${at}.${name}_p50_ms`, ...milliseconds(latencies, name, 0.5), unit: 'ms' });
    figures.add({ name: `${at}.${name}_p99_ms`, ...milliseconds(latencies, name, 0.99), unit: 'ms' });
  }
  const of = (name: string, note: string) =>
    figures.add({ name: `${at}.${name}_ratio`, ...ratio(latencies, 'plain', name, 0.5), unit: 'x', note });
  of('usearch', 'times as fast as plain loops');
  of('int8', 'times as fast as plain loops; not exact');
  of('usearch_int8', 'times as fast as plain loops; not exact');
  const right = queries.map((asked) => {
    const ids = new Set(plain.top(asked, LIMIT, compareText).map(({ id }) => id));
    return small.top(asked).filter(({ item }) => ids.has(`id-${item}`)).length / ids.size;
  });
  figures.add({ name: `${at}.int8_recall`, value: right.reduce((sum, x) => sum + x, 0) / right.length });
  figures.add({ name: `${at}.add_us`, value: (added / size) * 1_000, unit: 'us', note: 'numbers made meanwhile' });
  figures.add({ name: `${at}.bytes_each`, value: plain.bytes / size, unit: 'B', note: 'as it counts itself' });
  figures.add({ name: `${at}.resident_each`, value: taken / size, unit: 'B', note: 'heap and buffers, measured' });
}

/** What was tried and left out: numbers of 8 bits beside those of 32, the best of which are scored again. */
class Bytes {
  readonly #exact: Float32Array;
  readonly #rows: Int8Array;
  readonly #count: number;

  constructor(count: number) {
    this.#exact = new Float32Array(count * DIMENSION);
    this.#rows = new Int8Array(count * DIMENSION);
    this.#count = count;
  }

  set(row: number, vector: QueryVector): void {
    this.#exact.set(vector.single, row * DIMENSION);
    this.#rows.set(toBytes(vector), row * DIMENSION);
  }

  top(query: QueryVector) {
    const bytes = toBytes(query);
    const best = new Best<number>(AGAIN, (a, b) => a - b);
    for (let row = 0; row < this.#count; row += 1) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let i = 0, at = row * DIMENSION; i < DIMENSION; i += 4, at += 4) {
        a = (a + Math.imul(this.#rows[at] as number, bytes[i] as number)) | 0;
        b = (b + Math.imul(this.#rows[at + 1] as number, bytes[i + 1] as number)) | 0;
        c = (c + Math.imul(this.#rows[at + 2] as number, bytes[i + 2] as number)) | 0;
        d = (d + Math.imul(this.#rows[at + 3] as number, bytes[i + 3] as number)) | 0;
      }
      const score = a + b + c + d;
      if (score >= best.floor) best.offer(row, score);
    }
    return this.#again(
      best.sorted().map(({ item }) => item),
      query,
    );
  }

  fastTop(query: QueryVector) {
    const wanted = Math.min(AGAIN, this.#count);
    const usearch = raw();
    if (!usearch) return this.top(query);
    const { keys } = usearch.exactSearch(this.#rows, toBytes(query), DIMENSION, wanted, 'ip', 1);
    return this.#again(Array.from(keys, Number), query);
  }

  #again(rows: readonly number[], query: QueryVector) {
    const best = new Best<number>(LIMIT, (a, b) => a - b);
    for (const row of rows) best.offer(row, innerProduct(this.#exact, row * DIMENSION, query.exact));
    return best.sorted();
  }
}

function toBytes({ single }: QueryVector): Int8Array {
  const largest = single.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return Int8Array.from(single, (x) => Math.round((x / largest) * 127));
}

interface Raw {
  exactSearch(
    rows: Int8Array,
    query: Int8Array,
    dimension: number,
    wanted: number,
    metric: string,
    threads: number,
  ): { readonly keys: BigUint64Array };
}

function raw(): Raw | undefined {
  return accelerator() ? (createRequire(import.meta.url)('usearch') as Raw) : undefined;
}

function milliseconds(latencies: Latencies, name: string, share: number): { value: number; spread: number } {
  const { value, spread } = microseconds(latencies, name, share);
  return { value: value / 1_000, spread: spread / 1_000 };
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// Sums of four uniform numbers, seeded: the same for every contender and every run.
function gaussian(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return () => uniform() + uniform() + uniform() + uniform();
}

import { MemwardenError } from '../../errors/memwarden-error.js';
import { toUnit } from '../../model/embedding.js';
import type { Near } from '../semantic.js';
import type { Accelerator } from './accelerator.js';
import { Best } from './best.js';
import { innerProduct, innerProducts } from './kernel.js';

/** A query as the matrix computes with it. */
export interface QueryVector {
  readonly exact: Float64Array;
  /** With a buffer of its own: `usearch` reads from the start of the buffer, wherever a view begins. */
  readonly single: Float32Array;
}

const BLOCK_ROWS = 4_096;
const FIRST_ROWS = 16;
const NEXT_ROWS = 512;
// From here on a whole search by meaning is twice as fast with it (docs/benchmarks.md); below, plain loops do.
const ACCELERATED_FROM = 8_192;
const SPARE = 32;
// What a row costs beside its numbers: its entries (37 bytes) and, where nobody else holds it, its id (64), as measured
// with ids of 36 characters.
const BYTES_A_ROW = 101;

/** Makes a query ready for `top` and `cosine`; undefined where it has no direction. */
export function toQuery(vector: ArrayLike<number>): QueryVector | undefined {
  const unit = toUnit(vector);
  return unit && { exact: Float64Array.from(unit), single: unit };
}

/**
 * The vectors of a view, all of one model, packed as unit vectors of 32-bit floats in blocks of 4,096 rows; adding
 * copies at most one block. Scores are exact: the cosine of every row, whoever proposes the rows.
 */
export class VectorMatrix {
  readonly modelId: string;
  readonly dimension: number;
  readonly #accelerator: Accelerator | undefined;
  readonly #acceleratedFrom: number;
  readonly #blocks: Float32Array[] = [];
  readonly #ids: string[] = [];
  readonly #rows = new Map<string, number>();
  #scores = new Float64Array(0);

  /**
   * @param accelerator proposes rows; plain loops alone where none is given
   * @param acceleratedFrom of how many rows on it is asked
   */
  constructor(modelId: string, dimension: number, accelerator?: Accelerator, acceleratedFrom = ACCELERATED_FROM) {
    this.modelId = modelId;
    this.dimension = dimension;
    this.#accelerator = accelerator;
    this.#acceleratedFrom = acceleratedFrom;
  }

  /** How many vectors it holds. */
  get size(): number {
    return this.#ids.length;
  }

  /** What it takes of the memory, in bytes. */
  get bytes(): number {
    let bytes = this.#scores.byteLength + this.#ids.length * BYTES_A_ROW;
    for (const block of this.#blocks) bytes += block.byteLength;
    return bytes;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  /**
   * Puts the vector of a memory, in the place of the one before where there is one.
   *
   * @throws MemwardenError embedder_refused where it is of another model or dimension or has no direction; nothing
   *   changed then
   */
  set(id: string, modelId: string, vector: ArrayLike<number>): void {
    if (modelId !== this.modelId) throw new MemwardenError('embedder_refused', { reason: 'model' });
    const unit = vector.length === this.dimension ? toUnit(vector) : undefined;
    if (!unit) throw new MemwardenError('embedder_refused', { reason: 'vector' });
    this.put(id, unit);
  }

  /** The same with what `toUnit` made of a vector of the model and the dimension. */
  put(id: string, unit: Float32Array): void {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.#ids.length;
      this.#reserve(row);
      this.#ids.push(id);
      this.#rows.set(id, row);
    }
    this.#block(row).set(unit, this.#offset(row));
  }

  /** Takes the vector of a memory away; false where there is none. The last row moves into its place. */
  delete(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    const last = this.#ids.length - 1;
    const lastId = this.#ids[last] as string;
    const from = this.#offset(last);
    const tail = this.#block(last).subarray(from, from + this.dimension);
    if (row !== last) {
      this.#block(row).set(tail, this.#offset(row));
      this.#ids[row] = lastId;
      this.#rows.set(lastId, row);
    }
    // Vectors tell of their text: none stays behind.
    tail.fill(0);
    this.#ids.pop();
    this.#rows.delete(id);
    if (last % BLOCK_ROWS === 0) this.#blocks.pop();
    return true;
  }

  /** Takes all vectors away. */
  clear(): void {
    for (const block of this.#blocks) block.fill(0);
    this.#blocks.length = 0;
    this.#ids.length = 0;
    this.#rows.clear();
  }

  /** The cosine of a memory's vector with a query; undefined where it has no vector. */
  cosine(query: QueryVector, id: string): number | undefined {
    this.#check(query);
    const row = this.#rows.get(id);
    if (row === undefined) return undefined;
    return clamp(innerProduct(this.#block(row), this.#offset(row), query.exact));
  }

  /**
   * The memories that are nearest to a query, the nearest first. The same, to the last bit, whatever the order in which
   * vectors came and went, and with or without an accelerator.
   *
   * @param limit how many
   * @param compare which of two memories comes first where both are equally near
   */
  top(query: QueryVector, limit: number, compare: (a: string, b: string) => number): Near[] {
    this.#check(query);
    const best = this.#proposed(query, limit, compare) ?? this.#scanned(query, limit, compare);
    return best.sorted().map(({ item, score }) => ({ id: item, cosine: score }));
  }

  #scanned(query: QueryVector, limit: number, compare: (a: string, b: string) => number): Best<string> {
    const best = new Best(limit, compare);
    const size = this.#ids.length;
    if (this.#scores.length < Math.min(size, BLOCK_ROWS)) this.#scores = new Float64Array(Math.min(size, BLOCK_ROWS));
    const scores = this.#scores;
    for (const [i, block] of this.#blocks.entries()) {
      const start = i * BLOCK_ROWS;
      const count = Math.min(size - start, BLOCK_ROWS);
      innerProducts(block, count, query.exact, scores, 0);
      for (let row = 0; row < count; row += 1) {
        const score = clamp(scores[row] as number);
        if (score >= best.floor) best.offer(this.#ids[start + row] as string, score);
      }
    }
    return best;
  }

  /**
   * The same from what the accelerator proposes, scored again by plain loops; undefined where it cannot be sure of
   * them. It can where the last one that counts is nearer than any row that was not proposed can be, by more than the
   * two ways to compute differ: each 32-bit operation rounds by at most 2^-24 of a sum that is at most 1.
   */
  #proposed(query: QueryVector, limit: number, compare: (a: string, b: string) => number): Best<string> | undefined {
    const wanted = limit + SPARE;
    const size = this.#ids.length;
    if (!this.#accelerator || size < this.#acceleratedFrom || wanted * 4 > Math.min(size, BLOCK_ROWS)) return undefined;
    const best = new Best(limit, compare);
    const blurred = (this.dimension + 4) * 2 ** -23;
    let unseen = -Infinity;
    for (const [i, block] of this.#blocks.entries()) {
      const start = i * BLOCK_ROWS;
      const count = Math.min(size - start, BLOCK_ROWS);
      const asked = Math.min(wanted, count);
      const { places, products } = this.#accelerator(block.subarray(0, count * this.dimension), query.single, asked);
      if (places.length < asked) return undefined;
      let least = Infinity;
      const seen = new Set<number>();
      for (let one = 0; one < asked; one += 1) {
        const row = Number(places[one]);
        least = Math.min(least, products(one));
        const id = row < count ? this.#ids[start + row] : undefined;
        if (id === undefined || seen.has(row)) return undefined;
        seen.add(row);
        best.offer(id, clamp(innerProduct(block, row * this.dimension, query.exact)));
      }
      if (asked < count) unseen = Math.max(unseen, least);
    }
    return best.floor > unseen + blurred ? best : undefined;
  }

  #check({ exact }: QueryVector): void {
    if (exact.length !== this.dimension) throw new MemwardenError('embedder_refused', { reason: 'dimension' });
  }

  #block(row: number): Float32Array {
    return this.#blocks[Math.floor(row / BLOCK_ROWS)] as Float32Array;
  }

  #offset(row: number): number {
    return (row % BLOCK_ROWS) * this.dimension;
  }

  // A block begins small and doubles, so that a small view is small.
  #reserve(row: number): void {
    const place = Math.floor(row / BLOCK_ROWS);
    const within = row % BLOCK_ROWS;
    const block = this.#blocks[place];
    if (!block) this.#blocks[place] = new Float32Array((place === 0 ? FIRST_ROWS : NEXT_ROWS) * this.dimension);
    else if (within * this.dimension >= block.length) {
      const larger = new Float32Array(Math.min(within * 2, BLOCK_ROWS) * this.dimension);
      larger.set(block);
      this.#blocks[place] = larger;
    }
  }
}

function clamp(cosine: number): number {
  return Math.max(-1, Math.min(1, cosine));
}

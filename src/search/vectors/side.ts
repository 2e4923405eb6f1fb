import { toUnit } from '../../model/embedding.js';
import type { Near, VectorSide } from '../semantic.js';
import { accelerator, type Accelerator } from './accelerator.js';
import { toQuery, VectorMatrix, type QueryVector } from './matrix.js';

/**
 * The vectors of one view, of the model in use. Vectors of other models are passed over: their memories are found by
 * words until `memwarden embed` has embedded them anew. Where a server changed the length of its vectors under one name
 * those of each length lie apart, and a query meets those of its own.
 */
export class ViewVectors implements VectorSide {
  readonly #modelId: string;
  readonly #accelerator: Accelerator | undefined;
  readonly #byDimension = new Map<number, VectorMatrix>();
  #asked: { readonly vector: Float32Array; readonly query: QueryVector | undefined } | undefined;

  /** @param faster proposes rows; that of this machine where none is given, and plain loops alone where it is null */
  constructor(modelId: string, faster: Accelerator | null = accelerator() ?? null) {
    this.#modelId = modelId;
    this.#accelerator = faster ?? undefined;
  }

  /** What it takes of the memory, in bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const matrix of this.#byDimension.values()) bytes += matrix.bytes;
    return bytes;
  }

  /** How many memories have a vector in it. */
  get size(): number {
    let size = 0;
    for (const matrix of this.#byDimension.values()) size += matrix.size;
    return size;
  }

  /** Puts the vector of a memory; what was there under the id is gone, also where this one is passed over. */
  set(id: string, modelId: string, vector: Float32Array): void {
    this.delete(id);
    const unit = modelId === this.#modelId ? toUnit(vector) : undefined;
    if (!unit) return;
    let matrix = this.#byDimension.get(vector.length);
    if (!matrix) {
      matrix = new VectorMatrix(modelId, vector.length, this.#accelerator);
      this.#byDimension.set(vector.length, matrix);
    }
    matrix.put(id, unit);
  }

  delete(id: string): boolean {
    for (const [dimension, matrix] of this.#byDimension) {
      if (!matrix.delete(id)) continue;
      if (matrix.size === 0) this.#byDimension.delete(dimension);
      return true;
    }
    return false;
  }

  /** The cosine of a memory's vector with a query, from -1 to 1; undefined where it has none of that length. */
  cosine(query: Float32Array, id: string): number | undefined {
    const ready = this.#ready(query);
    return ready && this.#byDimension.get(query.length)?.cosine(ready, id);
  }

  /** The memories that are nearest to a query, the nearest first, equal ones in the order of `compare`. */
  top(query: Float32Array, limit: number, compare: (a: string, b: string) => number): Near[] {
    const ready = this.#ready(query);
    return (ready && this.#byDimension.get(query.length)?.top(ready, limit, compare)) ?? [];
  }

  // A search asks many things with one vector.
  #ready(vector: Float32Array): QueryVector | undefined {
    if (this.#asked?.vector !== vector) this.#asked = { vector, query: toQuery(vector) };
    return this.#asked.query;
  }
}

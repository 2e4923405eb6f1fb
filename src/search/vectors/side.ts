import { accelerator } from './accelerator.js';
import { toQuery, VectorMatrix, type Near, type QueryVector } from './matrix.js';

/**
 * The vectors of one view, of the model in use. Vectors of other models, and of another length than the first, are
 * passed over: their memories are found by words until `memwarden embed` has embedded them anew.
 */
export class ViewVectors {
  readonly #modelId: string;
  #matrix: VectorMatrix | undefined;
  #asked: { readonly vector: Float32Array; readonly query: QueryVector | undefined } | undefined;

  constructor(modelId: string) {
    this.#modelId = modelId;
  }

  /** What it takes of the memory, in bytes. */
  get bytes(): number {
    return this.#matrix?.bytes ?? 0;
  }

  /** How many memories have a vector in it. */
  get size(): number {
    return this.#matrix?.size ?? 0;
  }

  /** Puts the vector of a memory; what was there under the id is gone, also where this one is passed over. */
  set(id: string, modelId: string, vector: Float32Array): void {
    if (modelId !== this.#modelId || !toQuery(vector)) return void this.delete(id);
    this.#matrix ??= new VectorMatrix(modelId, vector.length, accelerator());
    if (vector.length !== this.#matrix.dimension) return void this.delete(id);
    this.#matrix.set(id, modelId, vector);
  }

  delete(id: string): boolean {
    const had = this.#matrix?.delete(id) ?? false;
    if (this.#matrix?.size === 0) this.#matrix = undefined;
    return had;
  }

  /** The cosine of a memory's vector with a query, from -1 to 1; undefined where it has none. */
  cosine(query: Float32Array, id: string): number | undefined {
    const { matrix, ready } = this.#ready(query);
    return ready && matrix?.cosine(ready, id);
  }

  /** The memories that are nearest to a query, the nearest first, equal ones in the order of `compare`. */
  top(query: Float32Array, limit: number, compare: (a: string, b: string) => number): Near[] {
    const { matrix, ready } = this.#ready(query);
    return (ready && matrix?.top(ready, limit, compare)) ?? [];
  }

  // A search asks many things with one vector.
  #ready(vector: Float32Array): { matrix: VectorMatrix | undefined; ready: QueryVector | undefined } {
    if (this.#asked?.vector !== vector) this.#asked = { vector, query: toQuery(vector) };
    const matrix = this.#matrix;
    const fits = matrix !== undefined && this.#asked.query?.exact.length === matrix.dimension;
    return { matrix, ready: fits ? this.#asked.query : undefined };
  }
}

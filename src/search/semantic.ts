import type { ErrorCode } from '../errors/table.js';

/** A memory and the cosine of its vector with the query, from -1 to 1. */
export interface Near {
  readonly id: string;
  readonly cosine: number;
}

/** The vectors of one view. It lives and dies with the view's index and counts among its bytes. */
export interface VectorSide {
  /** What it takes of the memory, in bytes. */
  readonly bytes: number;
  /** Puts the vector of a memory; one of another model than the view's is passed over. */
  set(id: string, modelId: string, vector: Float32Array): void;
  delete(id: string): boolean;
  /** The cosine of a memory's vector with a query; undefined where it has no vector. */
  cosine(query: Float32Array, id: string): number | undefined;
  /** The memories that are nearest to a query, the nearest first, equals in the order of `compare`. */
  top(query: Float32Array, limit: number, compare: (a: string, b: string) => number): readonly Near[];
}

/** What a search by meaning needs. Without it a warden searches by words alone. */
export interface Semantics {
  /** Whether the words of a query may go to the embedder at all (S27). */
  readonly mayAsk: boolean;
  /** Who outside gets the words of a query, for the audit record that comes before (S27); undefined where none leave. */
  readonly recipient: string | undefined;
  /** Why the embedder is not to be waited for at this moment; undefined where it may be asked. */
  readonly resting: ErrorCode | undefined;
  /** Room for the vectors of a view. */
  makeSide(): VectorSide;
  /**
   * The vector of a query.
   *
   * @throws MemwardenError of the embedder; a search by words still works then
   */
  embedQuery(text: string): Promise<Float32Array>;
  /** The same within the time that a search by both ranks waits. @throws MemwardenError of the embedder */
  embedInTime(text: string): Promise<Float32Array>;
}

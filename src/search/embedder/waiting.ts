import { MemwardenError } from '../../errors/memwarden-error.js';
import type { EmbeddingKind } from '../../model/embedder.js';

/** Some texts of one call, to be embedded together. */
export interface Batch {
  readonly texts: readonly string[];
  resolve(vectors: readonly Float32Array[]): void;
  reject(error: MemwardenError): void;
}

interface Call {
  readonly texts: readonly string[];
  readonly vectors: Float32Array[];
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: MemwardenError) => void;
}

/** The texts that wait for an embedder: bounded, cut into batches, queries before passages. */
export class Waiting {
  readonly #batchSize: number;
  readonly #limit: number;
  readonly #calls: Record<EmbeddingKind, Set<Call>> = { query: new Set(), passage: new Set() };
  #texts = 0;

  /**
   * @param batchSize the most texts of a batch
   * @param limit the most texts that wait; a call that comes when nothing waits may be larger
   */
  constructor(batchSize: number, limit: number) {
    this.#batchSize = batchSize;
    this.#limit = limit;
  }

  /** @throws MemwardenError embedder_busy, embedder_timeout where the signal ends the wait */
  async add(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array[]> {
    if (signal?.aborted) throw new MemwardenError('embedder_timeout');
    if (this.#texts > 0 && this.#texts + texts.length > this.#limit)
      throw new MemwardenError('embedder_busy', { limit: this.#limit });
    return new Promise<Float32Array[]>((resolve, reject) => {
      const end = () => {
        if (!this.#calls[kind].delete(call)) return;
        this.#texts -= texts.length;
        signal?.removeEventListener('abort', aborted);
      };
      const call: Call = {
        texts,
        vectors: [],
        resolve(vectors) {
          end();
          resolve(vectors);
        },
        reject(error) {
          end();
          reject(error);
        },
      };
      const aborted = () => call.reject(new MemwardenError('embedder_timeout'));
      signal?.addEventListener('abort', aborted);
      this.#calls[kind].add(call);
      this.#texts += texts.length;
    });
  }

  /** The next texts; undefined where nothing waits. The batch before must have been answered. */
  next(): Batch | undefined {
    const [call] = this.#calls.query.size > 0 ? this.#calls.query : this.#calls.passage;
    if (!call) return undefined;
    const from = call.vectors.length;
    return {
      texts: call.texts.slice(from, from + this.#batchSize),
      resolve(vectors) {
        call.vectors.push(...vectors);
        if (call.vectors.length >= call.texts.length) call.resolve(call.vectors);
      },
      reject: call.reject,
    };
  }

  /** Fails all that waits. */
  fail(error: MemwardenError): void {
    for (const calls of Object.values(this.#calls)) for (const call of [...calls]) call.reject(error);
  }
}

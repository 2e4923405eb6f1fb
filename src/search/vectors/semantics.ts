import { MemwardenError } from '../../errors/memwarden-error.js';
import { queryMayLeave } from '../../model/disclosure.js';
import type { Embedding } from '../embedder/open.js';
import { ViewVectors } from './side.js';

/** What a search by meaning needs: room for the vectors of a view, and the vector of a query. */
export class QuerySemantics {
  readonly #embedding: Embedding;

  constructor(embedding: Embedding) {
    this.#embedding = embedding;
  }

  /** Who outside gets the words of a query, for the audit record that comes before (S27); undefined where none leave. */
  get recipient(): string | undefined {
    return this.#mayLeave() ? this.#embedding.embedder.recipient : undefined;
  }

  /** Room for the vectors of a view, all of the model in use. */
  makeSide(): ViewVectors {
    return new ViewVectors(this.#embedding.embedder.modelId);
  }

  /**
   * The vector of a query.
   *
   * @throws MemwardenError embedder_unavailable where the words may not leave (S27), and those of the embedder; a search
   *   by words still works then
   */
  async embedQuery(text: string): Promise<Float32Array> {
    if (!this.#mayLeave()) throw new MemwardenError('embedder_unavailable', { reason: 'disclosure' });
    const [vector] = await this.#embedding.embedder.embed([text], 'query');
    if (!vector) throw new MemwardenError('embedder_refused', { reason: 'count' });
    return vector;
  }

  #mayLeave(): boolean {
    return queryMayLeave(this.#embedding.embedder, this.#embedding.disclosure);
  }
}

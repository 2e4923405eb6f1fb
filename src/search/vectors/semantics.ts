import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import type { ErrorCode } from '../../errors/table.js';
import type { Clock } from '../../model/clock.js';
import { queryMayLeave } from '../../model/disclosure.js';
import { isOfText } from '../embedder/of-text.js';
import type { Embedding } from '../embedder/open.js';
import type { Semantics } from '../semantic.js';
import { ViewVectors } from './side.js';

/** How long a search by both ranks waits for the vector of its query, in milliseconds, where nothing else is named. */
export const DEFAULT_SEARCH_WAIT_MS = 3_000;
const REST_MS = 10_000;

/** What a search by meaning needs: room for the vectors of a view, and the vector of a query. */
export class QuerySemantics implements Semantics {
  readonly #embedding: Embedding;
  readonly #clock: Clock;
  readonly #waitMs: number;
  #rest: { readonly from: number; readonly code: ErrorCode } | undefined;

  /** @param waitMs how long a search that can go on by words waits */
  constructor(embedding: Embedding, clock: Clock, waitMs = DEFAULT_SEARCH_WAIT_MS) {
    this.#embedding = embedding;
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  get mayAsk(): boolean {
    return queryMayLeave(this.#embedding.embedder, this.#embedding.disclosure);
  }

  get recipient(): string | undefined {
    return this.mayAsk ? this.#embedding.embedder.recipient : undefined;
  }

  /** For 10 seconds after an embedder was not there, searches by both ranks do not wait for it again. */
  get resting(): ErrorCode | undefined {
    if (!this.#rest) return undefined;
    const age = this.#clock().getTime() - this.#rest.from;
    return age >= 0 && age < REST_MS ? this.#rest.code : undefined;
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
    return this.#embed(text);
  }

  async embedInTime(text: string): Promise<Float32Array> {
    try {
      return await this.#embed(text, AbortSignal.timeout(this.#waitMs));
    } catch (error) {
      // A query that the embedder makes nothing of tells nothing of the next one: nobody else goes without for it.
      const code = isMemwardenError(error) ? error.code : 'internal';
      if (!isOfText(error) && this.mayAsk) this.#rest = { from: this.#clock().getTime(), code };
      throw error;
    }
  }

  async #embed(text: string, signal?: AbortSignal): Promise<Float32Array> {
    if (!this.mayAsk) throw new MemwardenError('embedder_unavailable', { reason: 'disclosure' });
    const [vector] = await this.#embedding.embedder.embed([text], 'query', signal);
    if (!vector) throw new MemwardenError('embedder_refused', { reason: 'count' });
    this.#rest = undefined;
    return vector;
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import type { Embedder, EmbeddingKind } from '../../model/embedder.js';
import { readKey } from './api-key.js';
import { answerOf } from './http-answer.js';
import { readBounded } from './http-body.js';
import { endpointOf } from './http-endpoint.js';
import { modelIdOf } from './model-id.js';
import { DEFAULT_MAX_WAITING, DEFAULT_TIMEOUT_MS, type HttpOptions } from '../../config/embedder.js';
import { refused, vectorsOf } from './vectors-of.js';

const BATCH = 32;
const MAX_CHARACTERS = 8_000;
const CALLS_AT_ONCE = 4;

/**
 * Embeds by a server that speaks `POST /v1/embeddings` as OpenAI does. Text that it is sent has left: who calls asks
 * `mayLeave` before and audits the recipient (S27).
 */
export class HttpEmbedder implements Embedder {
  readonly modelId: string;
  readonly remote = true;
  readonly recipient: string;
  readonly #options: HttpOptions;
  readonly #endpoint: URL;
  readonly #closing = new AbortController();
  #key: Promise<string | undefined> | undefined;
  #dimension: number | undefined;
  #waiting = 0;
  #running = 0;
  readonly #turns: Record<EmbeddingKind, (() => void)[]> = { query: [], passage: [] };

  /** @throws MemwardenError config_invalid */
  constructor(options: HttpOptions) {
    this.#endpoint = endpointOf(options.url);
    this.#options = options;
    this.#dimension = options.dimension;
    this.recipient = this.#endpoint.origin;
    const asked = options.sendDimension === true ? [String(options.dimension)] : [];
    this.modelId = modelIdOf(['http', this.#endpoint.host, options.model, ...asked], options.prefixes);
  }

  get dimension(): number | undefined {
    return this.#dimension;
  }

  async embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array[]> {
    const { maxWaiting = DEFAULT_MAX_WAITING, batchSize = BATCH } = this.#options;
    if (this.#waiting > 0 && this.#waiting + texts.length > maxWaiting)
      throw new MemwardenError('embedder_busy', { limit: maxWaiting });
    this.#waiting += texts.length;
    try {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += batchSize) {
        const batch = texts.slice(from, from + batchSize).map((text) => this.#sent(text, kind));
        vectors.push(...(await this.#inTurn(kind, signal, () => this.#request(batch, signal))));
      }
      return vectors;
    } finally {
      this.#waiting -= texts.length;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    return turn();
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #sent(text: string, kind: EmbeddingKind): string {
    const { prefixes = {}, maxCharacters = MAX_CHARACTERS } = this.#options;
    // A pair of surrogates that is cut in two is no text.
    return (prefixes[kind] ?? '') + text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, '');
  }

  async #request(batch: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const { model, timeoutMs = DEFAULT_TIMEOUT_MS, sendDimension, dimension } = this.#options;
    if (this.#isClosed()) throw new MemwardenError('closed');
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = AbortSignal.any([timeout, this.#closing.signal, ...(signal ? [signal] : [])]);
    try {
      const response = await fetch(this.#endpoint, {
        method: 'POST',
        // A redirect would carry text, and perhaps the key, to somebody whom nobody named.
        redirect: 'manual',
        headers: await this.#headers(),
        body: JSON.stringify({
          model,
          input: batch,
          encoding_format: 'float',
          ...(sendDimension === true ? { dimensions: dimension } : {}),
        }),
        signal: stop,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw unavailable(response.status >= 300 && response.status < 400 ? 'redirect' : 'status', response.status);
      }
      const answered = answerOf(await readBounded(response, batch.length), batch.length);
      return this.#ofOneLength(vectorsOf(answered, batch.length, this.#options.dimension));
    } catch (error) {
      if (isMemwardenError(error)) throw error;
      if (this.#isClosed()) throw new MemwardenError('closed');
      if (stop.aborted) throw new MemwardenError('embedder_timeout');
      throw unavailable('connection');
    }
  }

  async #headers(): Promise<Record<string, string>> {
    this.#key ??= readKey(this.#options).catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    const key = await this.#key;
    return {
      'content-type': 'application/json',
      accept: 'application/json',
      // What is packed can be larger than it looks.
      'accept-encoding': 'identity',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
  }

  // Where nobody said which dimension it is, one wrong answer must not make all that are right wrong after it.
  #ofOneLength(vectors: Float32Array[]): Float32Array[] {
    const [first] = vectors;
    if (this.#options.dimension !== undefined || !first) return vectors;
    const before = this.#dimension;
    this.#dimension = before === undefined || before === first.length ? first.length : undefined;
    if (this.#dimension === undefined) throw refused('dimension');
    return vectors;
  }

  // Whoever asks waits ahead of what is kept, and nobody for longer than one answer may take.
  async #inTurn<T>(kind: EmbeddingKind, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#running >= CALLS_AT_ONCE) await this.#turn(kind, signal);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#turns.query.shift() ?? this.#turns.passage.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  async #turn(kind: EmbeddingKind, signal: AbortSignal | undefined): Promise<void> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const limits = [this.#closing.signal, ...(kind === 'query' ? [AbortSignal.timeout(timeoutMs)] : [])];
    const stop = AbortSignal.any([...limits, ...(signal ? [signal] : [])]);
    const waiting = this.#turns[kind];
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        const at = waiting.indexOf(begin);
        if (at !== -1) waiting.splice(at, 1);
        reject(new MemwardenError(this.#isClosed() ? 'closed' : 'embedder_timeout'));
      };
      const begin = () => {
        stop.removeEventListener('abort', leave);
        resolve();
      };
      if (stop.aborted) return void leave();
      stop.addEventListener('abort', leave, { once: true });
      waiting.push(begin);
    });
  }
}

function unavailable(reason: 'redirect' | 'status' | 'connection', status?: number): MemwardenError {
  return new MemwardenError('embedder_unavailable', { reason, ...(status === undefined ? {} : { status }) });
}

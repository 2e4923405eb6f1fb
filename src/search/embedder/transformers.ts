import { isAbsolute, resolve } from 'node:path';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { systemClock, type Clock } from '../../model/clock.js';
import type { Embedder, EmbeddingKind } from '../../model/embedder.js';
import { modelIdOf } from './model-id.js';
import { ModelHost, type ModelSettings } from './model-host.js';
import { DEFAULT_MAX_WAITING, DEFAULT_TIMEOUT_MS, type TransformersOptions } from '../../config/embedder.js';
import { vectorsOf } from './vectors-of.js';
import { Waiting, type Batch } from './waiting.js';

const MODELS = './.memwarden/models';
const LOAD_TIMEOUT_MS = 120_000;
// So few that a query never waits long for the passages before it.
const BATCH = 8;
const REST_MS = 5_000;
const MODEL = /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)?$/;

/**
 * Embeds with a local ONNX model, in a process of its own that is started, and loads it, at the first call. A process
 * that fails or falls is replaced at the next call; one that cannot load its model rests for 5 seconds first.
 */
export class TransformersEmbedder implements Embedder {
  readonly modelId: string;
  readonly remote = false;
  readonly recipient = undefined;
  readonly #settings: ModelSettings;
  readonly #prefixes: NonNullable<TransformersOptions['prefixes']>;
  readonly #loadTimeoutMs: number;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #waiting: Waiting;
  #dimension: number | undefined;
  #host: ModelHost | undefined;
  #rest: { readonly until: number; readonly error: MemwardenError } | undefined;
  #draining = false;
  #closed = false;

  /** @throws MemwardenError config_invalid where the model is no name below the folder of models */
  constructor(options: TransformersOptions) {
    const { model, quantized = true, pooling = 'mean', prefixes = {} } = options;
    if (!MODEL.test(model) || isAbsolute(model))
      throw new MemwardenError('config_invalid', { argument: 'embedder.model' });
    this.#settings = {
      model,
      path: resolve(options.path ?? MODELS),
      allowRemote: options.allowRemote ?? false,
      remoteHost: options.remoteHost,
      quantized,
      pooling,
    };
    this.modelId = modelIdOf(['transformers', model, quantized ? 'q8' : 'fp32', pooling], prefixes);
    this.#prefixes = prefixes;
    this.#dimension = options.dimension;
    this.#loadTimeoutMs = options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#clock = options.clock ?? systemClock;
    this.#waiting = new Waiting(BATCH, options.maxWaiting ?? DEFAULT_MAX_WAITING);
  }

  get dimension(): number | undefined {
    return this.#dimension;
  }

  async embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array[]> {
    if (this.#closed) throw new MemwardenError('closed');
    if (texts.length === 0) return [];
    const prefix = this.#prefixes[kind] ?? '';
    const answer = this.#waiting.add(
      texts.map((text) => prefix + text),
      kind,
      signal,
    );
    void this.#drain();
    return answer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#host?.end();
    this.#waiting.fail(new MemwardenError('closed'));
    return Promise.resolve();
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let batch = this.#waiting.next(); batch; batch = this.#waiting.next()) await this.#answer(batch);
    this.#draining = false;
  }

  async #answer(batch: Batch): Promise<void> {
    try {
      const host = await this.#ready();
      const answered = await host.run(batch.texts, this.#timeoutMs);
      const vectors = vectorsOf(answered, batch.texts.length, this.#dimension);
      this.#dimension ??= vectors[0]?.length;
      batch.resolve(vectors);
    } catch (error) {
      const known = isMemwardenError(error) ? error : new MemwardenError('embedder_unavailable', { reason: 'process' });
      batch.reject(this.#closed ? new MemwardenError('closed') : known);
    }
  }

  // Who waits behind one that a dead process failed gets a fresh one; a model that cannot be loaded fails them all.
  async #ready(): Promise<ModelHost> {
    if (this.#closed) throw new MemwardenError('closed');
    if (this.#host && !this.#host.ended) return this.#host;
    if (this.#rest && this.#clock().getTime() < this.#rest.until) throw this.#rest.error;
    const host = new ModelHost(this.#settings.allowRemote);
    this.#host = host;
    try {
      await host.load(this.#settings, this.#loadTimeoutMs);
    } catch (error) {
      host.end();
      if (isMemwardenError(error)) this.#rest = { until: this.#clock().getTime() + REST_MS, error };
      throw error;
    }
    this.#rest = undefined;
    return host;
  }
}

import type { Embedding } from './embedding.js';
import type { Level } from './levels.js';

/** Whether a text is asked with or kept; some models embed the two differently. */
export type EmbeddingKind = 'query' | 'passage';

/** Turns texts into vectors of unit length whose inner product says how near two texts are in meaning. */
export interface Embedder {
  /** Names model, weights and prefixes. Vectors are compared only where it is equal, letter by letter. */
  readonly modelId: string;
  /** The length of a vector; where the configuration does not name it, known after the first answer. */
  readonly dimension: number | undefined;
  /** Whether texts leave for something that is not part of memwarden: a disclosure (S27), see `mayLeave`. */
  readonly remote: boolean;
  /** Where texts go, for the audit record of a disclosure; undefined where they stay. */
  readonly recipient: string | undefined;
  /**
   * Embeds texts, in their order.
   *
   * @param signal ends the wait; the answer is then `embedder_timeout`
   * @throws MemwardenError embedder_unavailable, embedder_timeout, embedder_busy, embedder_refused, missing_package;
   *   there are either all vectors or none
   */
  embed(texts: readonly string[], kind: EmbeddingKind, signal?: AbortSignal): Promise<Float32Array[]>;
  /** Frees what it holds. Calls after it throw `closed`. */
  close(): Promise<void>;
}

/** A text to be kept, and how far it may travel. */
export interface Passage {
  readonly content: string;
  readonly level: Level;
}

/** What is to be embedded of some texts; decided before any leaves. */
export interface Prepared {
  /** Where text would go, for the audit record that comes before (S27); undefined where none leaves. */
  readonly recipient: string | undefined;
  /** An embedding for each text, in order; undefined where it may not leave or none could be made in time. */
  embed(): Promise<readonly (Embedding | undefined)[]>;
}

/** What a write asks for. It never fails: a memory without a vector is found by its words, and embedded later. */
export interface Passages {
  prepare(passages: readonly Passage[]): Prepared;
}

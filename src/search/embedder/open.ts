import { disclosureOf, type EmbedderOptions } from '../../config/embedder.js';
import type { Alarms } from '../../metrics/alarms.js';
import type { Clock } from '../../model/clock.js';
import type { DisclosureSettings } from '../../model/disclosure.js';
import type { Embedder, Passages } from '../../model/embedder.js';
import { HttpEmbedder } from './http.js';
import { WritePassages } from './passages.js';
import { TransformersEmbedder } from './transformers.js';

/** An embedder and what the operator said about its use. */
export interface Embedding {
  readonly embedder: Embedder;
  readonly disclosure: DisclosureSettings;
  /** How what is written is embedded. */
  readonly passages: Passages;
}

/**
 * Makes the embedder that options name. Nothing is loaded and nobody is called before its first use.
 *
 * @throws MemwardenError config_invalid
 */
export function openEmbedding(options: EmbedderOptions, alarms: Alarms, clock: Clock): Embedding {
  const embedder = options.kind === 'http' ? new HttpEmbedder(options) : new TransformersEmbedder(options);
  const disclosure = disclosureOf(options);
  const passages = new WritePassages({ embedder, disclosure, alarms, clock, waitMs: options.writeWaitMs });
  return { embedder, disclosure, passages };
}

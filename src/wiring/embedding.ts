import { MemwardenError } from '../errors/memwarden-error.js';
import { embedAll, type EmbedOptions, type EmbedResult } from '../memory/embed.js';
import type { Settings } from '../config/options.js';
import type { Alarms } from '../metrics/alarms.js';
import type { Sealer } from '../model/sealer.js';
import type { Embedding } from '../search/embedder/open.js';
import type { StoreDriver } from '../store/driver.js';

/** What embedding everything needs of a warden. */
export interface EmbedParts {
  readonly settings: Settings;
  readonly driver: StoreDriver;
  readonly sealer: Sealer;
  readonly alarms: Alarms;
}

/** Wires the act that embeds what has no vector. @throws MemwardenError embedder_missing, and those of `embedAll` */
export async function embedWith(
  { settings, driver, sealer, alarms }: EmbedParts,
  embedding: Embedding | undefined,
  options: EmbedOptions = {},
): Promise<EmbedResult> {
  if (!embedding) throw new MemwardenError('embedder_missing');
  const { onProgress, signal } = options;
  const { clock } = settings;
  return embedAll({ ...embedding, store: driver.maintenance, sealer, alarms, clock, onProgress, signal });
}

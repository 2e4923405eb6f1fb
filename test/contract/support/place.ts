import { openEmbedded } from '../../../src/store/embedded/driver.js';
import type { StoreDriver } from '../../../src/store/driver.js';
import { openMongo } from '../../../src/store/mongodb/driver.js';
import type { Steps } from '../../../src/store/steps.js';

/** Where a store lies; plain data, so that another process can be told. */
export type Place =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'mongodb'; readonly uri: string; readonly timeoutMs?: number };

/** Opens a driver of its own on a store. */
export function openPlace(place: Place, steps?: Steps): Promise<StoreDriver> {
  if (place.kind === 'embedded') return openEmbedded({ path: place.path });
  return openMongo({ uri: place.uri, timeoutMs: place.timeoutMs ?? 20_000, maxPoolSize: 20 }, steps);
}

import type { Settings } from '../config/options.js';
import type { StoreDriver } from '../store/driver.js';

/** Opens the store of memories. A driver is loaded when it is used, so that nobody pays for the other. */
export async function openStore({ store, timeoutMs, maxPoolSize }: Settings): Promise<StoreDriver> {
  if (store.kind === 'embedded') {
    const { openEmbedded } = await import('../store/embedded/driver.js');
    return openEmbedded({ path: store.path });
  }
  const { openMongo } = await import('../store/mongodb/driver.js');
  return openMongo({ uri: store.uri, timeoutMs, maxPoolSize });
}

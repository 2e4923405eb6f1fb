import { KeyRings } from '../crypto/keys/key-rings.js';
import { RingPseudonyms } from '../crypto/keys/ring-pseudonyms.js';
import { TenantInstanceKeys } from '../crypto/keys/tenant-instance-keys.js';
import type { Clock } from '../model/clock.js';
import type { Partition } from '../model/partition.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { keysOfTenant } from '../store/of-tenant/keys.js';
import { epochIn, type Keys } from './keys.js';

/** The keys of a key store as one tenant has them: bound to its rings, with caches of its own. */
export function tenantKeys(whole: Keys, tenant: string, clock: Clock): Keys {
  const { kms, settings } = whole;
  const { cacheMs, cacheMax } = settings;
  const store = keysOfTenant(whole.store, tenant);
  const rings = new KeyRings({ store, kms, clock, cacheMs, cacheMax });
  const pseudonyms = new RingPseudonyms({ store, kms, clock, cacheMs });
  const instance =
    tenant === DEFAULT_TENANT ? whole.instance : new TenantInstanceKeys(whole.instance, store, kms, tenant);
  const listeners = new Set<(partition: Partition) => void>([
    (partition) => rings.drop(partition),
    (partition) => pseudonyms.drop(partition),
  ]);
  const unheard = whole.onChange((partition) => {
    if (partition.tenant === tenant) for (const listener of listeners) listener(partition);
  });
  return {
    ...whole,
    store,
    rings,
    instance,
    pseudonyms,
    epochOf: (partition) => epochIn(store, partition),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    // What is shared is closed by whoever opened it.
    close() {
      unheard();
      rings.close();
      return Promise.resolve();
    },
  };
}

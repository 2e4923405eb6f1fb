import type { Clock } from '../model/clock.js';
import type { KeyValueStore } from '../model/key-value.js';
import { namespaced, type Namespace } from '../model/namespace.js';

/**
 * Which tenant an API key is of, by the part of the key that is no secret. The key itself is checked in the store of that
 * tenant, where it is kept; this only says where to ask.
 */
export class CredentialDirectory {
  readonly #rows: Namespace<string>;

  constructor(values: KeyValueStore, clock: Clock) {
    this.#rows = namespaced(values, 'tenant-credentials', clock);
  }

  /** Keeps the tenant of a key that is about to be made. */
  async note(prefix: string, tenant: string): Promise<void> {
    await this.#rows.insert(prefix, tenant);
  }

  /** @returns the tenant; undefined where no tenant has such a key */
  async tenantOf(prefix: string): Promise<string | undefined> {
    return (await this.#rows.get(prefix))?.value;
  }

  /** Takes away what leads to a tenant. */
  async forget(tenant: string): Promise<void> {
    for await (const { key, value } of this.#rows.all()) if (value === tenant) await this.#rows.remove(key);
  }
}

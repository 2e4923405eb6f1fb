import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { InstanceKey, ServiceStore } from '../service.js';
import type { Tables } from './environment.js';

/** Instance keys on the embedded store. */
export class EmbeddedService implements ServiceStore {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async currentKey(purpose: string): Promise<InstanceKey> {
    const { root, service } = this.#tables;
    return root.childTransaction(() => {
      const current = service.get(['current', purpose]) as string | undefined;
      const found = current === undefined ? undefined : (service.get(['key', current]) as InstanceKey | undefined);
      if (found) return found;
      const key: InstanceKey = { id: v7(), purpose, secret: randomBytes(32) };
      void service.put(['key', key.id], key);
      void service.put(['current', purpose], key.id);
      return key;
    });
  }

  keyById(id: string): Promise<InstanceKey | undefined> {
    this.#tables.root.resetReadTxn();
    return Promise.resolve(this.#tables.service.get(['key', id]) as InstanceKey | undefined);
  }
}

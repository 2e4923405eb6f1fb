import { randomBytes } from 'node:crypto';
import { newId } from '../../model/id.js';
import type { InstanceKey } from '../service.js';
import type { Tables } from './environment.js';

/** Instance keys on the embedded store. */
export class EmbeddedService {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async currentKey(purpose: string): Promise<InstanceKey> {
    const { service } = this.#tables;
    return this.#tables.write(() => {
      const current = service.get(['current', purpose]) as string | undefined;
      const found = current === undefined ? undefined : (service.get(['key', current]) as InstanceKey | undefined);
      if (found) return found;
      const key: InstanceKey = { id: newId(), purpose, secret: randomBytes(32) };
      void service.put(['key', key.id], key);
      void service.put(['current', purpose], key.id);
      return key;
    });
  }

  async storeId(): Promise<string> {
    return (await this.currentKey('store')).id;
  }

  async bound(name: string, value?: string): Promise<string | undefined> {
    return this.#tables.write(() => {
      const found = this.#tables.service.get(['bound', name]) as string | undefined;
      if (found === undefined && value !== undefined) void this.#tables.service.put(['bound', name], value);
      return found ?? value;
    });
  }

  // The folders are told apart where they are named.
  holdsKeyStore(): boolean {
    return false;
  }

  erasureHead(): number {
    this.#tables.root.resetReadTxn();
    return (this.#tables.service.get(['erasures']) as number | undefined) ?? 0;
  }

  async raiseErasureHead(sequence: number): Promise<void> {
    await this.#tables.write(() => {
      if (this.erasureHead() < sequence) void this.#tables.service.put(['erasures'], sequence);
    });
  }

  keyById(id: string): InstanceKey | undefined {
    this.#tables.root.resetReadTxn();
    return this.#tables.service.get(['key', id]) as InstanceKey | undefined;
  }
}

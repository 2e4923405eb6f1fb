import { randomBytes } from 'node:crypto';
import { newId } from '../../model/id.js';
import type { InstanceKey } from '../service.js';
import type { Tables } from './environment.js';

/** What a name is bound to until a time, in milliseconds since 1970. */
interface Lapsing {
  readonly value: string;
  readonly until: number;
}
type Bound = string | Lapsing;

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
      service.putSync(['key', key.id], key);
      service.putSync(['current', purpose], key.id);
      return key;
    });
  }

  async storeId(): Promise<string> {
    return (await this.currentKey('store')).id;
  }

  async bound(name: string, value?: string, until?: Date): Promise<string | undefined> {
    return this.#tables.write(() => {
      const found = this.#tables.service.get(['bound', name]) as Bound | undefined;
      if (found === undefined && value !== undefined)
        this.#tables.service.putSync(['bound', name], until ? { value, until: until.getTime() } : value);
      return typeof found === 'object' ? found.value : (found ?? value);
    });
  }

  async unbind(family: string, time: Date): Promise<number> {
    const lapsed = () => {
      const range = { start: ['bound', family], end: ['bound', `${family}\u{10ffff}`] };
      return [...this.#tables.service.getRange(range)].filter(
        ({ value }) => typeof value === 'object' && (value as Lapsing).until <= time.getTime(),
      );
    };
    this.#tables.root.resetReadTxn();
    if (lapsed().length === 0) return 0;
    return this.#tables.write(() => {
      const keys = lapsed().map(({ key }) => key);
      for (const key of keys) this.#tables.service.removeSync(key);
      return keys.length;
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
      if (this.erasureHead() < sequence) this.#tables.service.putSync(['erasures'], sequence);
    });
  }

  keyById(id: string): InstanceKey | undefined {
    this.#tables.root.resetReadTxn();
    return this.#tables.service.get(['key', id]) as InstanceKey | undefined;
  }
}

import { assertNamespace, type KeptEntry, type KeptValue, type KeyValueStore } from '../../model/key-value.js';
import type { Tables } from './environment.js';
import { atOnce, translated } from './errors.js';

/** Documents of the product itself on the embedded store. */
export class EmbeddedValues implements KeyValueStore {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  get(namespace: string, key: string): Promise<KeptValue | undefined> {
    return atOnce(() => {
      this.#tables.root.resetReadTxn();
      return this.#tables.values.get(placeOf(namespace, key));
    });
  }

  insert(namespace: string, key: string, value: string, expiresAt?: Date): Promise<boolean> {
    return this.#change(namespace, key, (found) => (found ? undefined : kept(value, 1, expiresAt)));
  }

  replace(namespace: string, key: string, version: number, value: string, expiresAt?: Date): Promise<boolean> {
    return this.#change(namespace, key, (found) =>
      found?.version === version ? kept(value, version + 1, expiresAt) : undefined,
    );
  }

  remove(namespace: string, key: string, version?: number): Promise<boolean> {
    const { values } = this.#tables;
    return translated(() =>
      this.#tables.write(() => {
        const place = placeOf(namespace, key);
        const found = values.get(place);
        if (!found || (version !== undefined && found.version !== version)) return false;
        values.removeSync(place);
        return true;
      }),
    );
  }

  list(namespace: string, limit: number, after?: string): Promise<KeptEntry[]> {
    return atOnce(() => {
      this.#tables.root.resetReadTxn();
      const entries: KeptEntry[] = [];
      for (const { key, value } of this.#tables.values.getRange({ start: placeOf(namespace, after ?? '') })) {
        const [found, name = ''] = key;
        if (found !== namespace || entries.length === limit) break;
        if (name !== after) entries.push({ key: name, ...value });
      }
      return entries;
    });
  }

  add(namespace: string, key: string, amount: number, expiresAt: Date): Promise<number> {
    const { values } = this.#tables;
    return translated(() =>
      this.#tables.write(() => {
        const place = placeOf(namespace, key);
        const found = values.get(place);
        const sum = Number(found?.value ?? 0) + amount;
        values.putSync(place, kept(String(sum), (found?.version ?? 0) + 1, expiresAt));
        return sum;
      }),
    );
  }

  removeFamily(family: string, limit: number): Promise<number> {
    const { values } = this.#tables;
    return translated(() =>
      this.#tables.write(() => {
        const gone: string[][] = [];
        for (const key of values.getKeys({ start: [family] })) {
          if (gone.length === limit || !key[0]?.startsWith(family)) break;
          gone.push(key);
        }
        for (const key of gone) values.removeSync(key);
        return gone.length;
      }),
    );
  }

  removeExpired(before: Date, limit: number): Promise<number> {
    const { values, root } = this.#tables;
    return translated(async () => {
      root.resetReadTxn();
      const expired: string[][] = [];
      for (const { key, value } of values.getRange()) {
        if (expired.length === limit) break;
        if (value.expiresAt && value.expiresAt <= before) expired.push(key);
      }
      if (expired.length === 0) return 0;
      return this.#tables.write(() => {
        let removed = 0;
        for (const key of expired) {
          const found = values.get(key);
          if (!found?.expiresAt || found.expiresAt > before) continue;
          values.removeSync(key);
          removed += 1;
        }
        return removed;
      });
    });
  }

  #change(
    namespace: string,
    key: string,
    changed: (found: KeptValue | undefined) => KeptValue | undefined,
  ): Promise<boolean> {
    const { values } = this.#tables;
    return translated(() =>
      this.#tables.write(() => {
        const place = placeOf(namespace, key);
        const value = changed(values.get(place));
        if (value) values.putSync(place, value);
        return value !== undefined;
      }),
    );
  }
}

function placeOf(namespace: string, key: string): string[] {
  assertNamespace(namespace);
  return [namespace, key];
}

function kept(value: string, version: number, expiresAt: Date | undefined): KeptValue {
  return { value, version, ...(expiresAt ? { expiresAt } : {}) };
}

import type { Clock } from './clock.js';
import type { KeyValueStore } from './key-value.js';

/** A document under its key. */
export interface Kept<T> {
  readonly key: string;
  readonly value: T;
  readonly version: number;
  readonly expiresAt?: Date;
}

/** The documents of one kind: typed, and what has expired is absent. */
export interface Namespace<T> {
  get(key: string): Promise<Kept<T> | undefined>;
  /** Puts a document where none stands, or where what stands has expired. @returns whether it was put */
  insert(key: string, value: T, expiresAt?: Date): Promise<boolean>;
  /** Puts a document in the place of one that was read. @returns whether that one stood there still */
  replace(found: Omit<Kept<T>, 'value'>, value: T, expiresAt?: Date): Promise<boolean>;
  /** Takes a document away. @returns whether one stood there */
  remove(key: string, version?: number): Promise<boolean>;
  /** Documents by the bytes of their keys; those that have expired are left out. */
  list(limit: number, after?: string): Promise<Kept<T>[]>;
  /** All of them, a page at a time. */
  all(): AsyncGenerator<Kept<T>, void, undefined>;
}

const PAGE = 200;

/** The documents of one kind on a store. What they hold is the product's own writing, so that it is parsed as it was put. */
export function namespaced<T>(store: KeyValueStore, name: string, clock: Clock): Namespace<T> {
  const isThere = (found: { readonly expiresAt?: Date }) => found.expiresAt === undefined || found.expiresAt > clock();
  const get = async (key: string) => {
    const found = await store.get(name, key);
    return found && isThere(found) ? parsed<T>({ key, ...found }) : undefined;
  };
  const list = async (limit: number, after?: string) => (await store.list(name, limit, after)).filter(isThere);
  return {
    get,
    async insert(key, value, expiresAt) {
      const text = JSON.stringify(value);
      if (await store.insert(name, key, text, expiresAt)) return true;
      const found = await store.get(name, key);
      if (found && isThere(found)) return false;
      return found
        ? store.replace(name, key, found.version, text, expiresAt)
        : store.insert(name, key, text, expiresAt);
    },
    replace: (found, value, expiresAt) =>
      store.replace(name, found.key, found.version, JSON.stringify(value), expiresAt ?? found.expiresAt),
    remove: (key, version) => store.remove(name, key, version),
    list: async (limit, after) => (await list(limit, after)).map((entry) => parsed<T>(entry)),
    async *all() {
      let after: string | undefined;
      for (;;) {
        const page = await store.list(name, PAGE, after);
        for (const entry of page) if (isThere(entry)) yield parsed<T>(entry);
        after = page.at(-1)?.key;
        if (page.length < PAGE || after === undefined) return;
      }
    },
  };
}

function parsed<T>(entry: { key: string; value: string; version: number; expiresAt?: Date }): Kept<T> {
  return { ...entry, value: JSON.parse(entry.value) as T };
}

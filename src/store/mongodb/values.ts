import type { Filter } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { assertNamespace, type KeptEntry, type KeptValue, type KeyValueStore } from '../../model/key-value.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { isDuplicate, translated } from './errors.js';
import { Gathered } from './gathered.js';

/** A document of the product itself as it is stored; `_id` is namespace, slash, key. */
export interface ValueRow {
  readonly _id: string;
  readonly value: string;
  readonly version: number;
  readonly count?: number;
  readonly expires_at?: Date;
}

const WRITE = { ...DURABLE, ...SIMPLE } as const;
const TRIES = 5;
const READS = { runs: 2, most: 100 } as const;

/** Documents of the product itself on MongoDB. */
export class MongoValues implements KeyValueStore {
  readonly #collections: Collections;
  // Every request reads its API key: those of one moment share the reading, and those of one key the row.
  readonly #reads = new Gathered<string, ValueRow | undefined>(
    READS,
    { patience: () => this.#collections.timeoutMs },
    async (asked) => {
      const ids = [...new Set(asked.map(({ item }) => item))];
      const rows = await translated(() => this.#rows(ids));
      for (const { item, resolve } of asked) resolve(rows.get(item));
    },
  );

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  async get(namespace: string, key: string): Promise<KeptValue | undefined> {
    const row = await this.#reads.ask(idOf(namespace, key));
    return row ? toKept(row) : undefined;
  }

  async #rows(ids: readonly string[]): Promise<ReadonlyMap<string, ValueRow>> {
    const [only] = ids;
    const filter: Filter<ValueRow> = { _id: ids.length === 1 && only !== undefined ? only : { $in: ids } };
    const rows = await this.#collections.values.find(filter, { ...SETTLED, batchSize: ids.length + 1 }).toArray();
    return new Map(rows.map((row) => [row._id, row]));
  }

  async insert(namespace: string, key: string, value: string, expiresAt?: Date): Promise<boolean> {
    const row: ValueRow = { _id: idOf(namespace, key), value, version: 1, ...expiry(expiresAt) };
    return translated(async () => {
      try {
        await this.#collections.values.insertOne(row, DURABLE);
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
  }

  async replace(namespace: string, key: string, version: number, value: string, expiresAt?: Date): Promise<boolean> {
    const _id = idOf(namespace, key);
    const row = { value, version: version + 1, ...expiry(expiresAt) };
    const { matchedCount } = await translated(() =>
      this.#collections.values.replaceOne({ _id, version }, row as ValueRow, WRITE),
    );
    return matchedCount === 1;
  }

  async remove(namespace: string, key: string, version?: number): Promise<boolean> {
    const filter: Filter<ValueRow> = { _id: idOf(namespace, key), ...(version === undefined ? {} : { version }) };
    const { deletedCount } = await translated(() => this.#collections.values.deleteOne(filter, WRITE));
    return deletedCount === 1;
  }

  async list(namespace: string, limit: number, after?: string): Promise<KeptEntry[]> {
    const from = after === undefined ? { $gte: idOf(namespace, '') } : { $gt: idOf(namespace, after) };
    // The character after the slash ends the namespace.
    const filter: Filter<ValueRow> = { _id: { ...from, $lt: `${namespace}0` } };
    const rows = await translated(() =>
      this.#collections.values.find(filter, { ...SETTLED, sort: { _id: 1 }, limit }).toArray(),
    );
    return rows.map((row) => ({ key: row._id.slice(namespace.length + 1), ...toKept(row) }));
  }

  async add(namespace: string, key: string, amount: number, expiresAt: Date): Promise<number> {
    const change = { $inc: { count: amount, version: 1 }, $set: { value: '0', expires_at: expiresAt } };
    for (let tried = 0; tried < TRIES; tried += 1) {
      const row = await translated(async () => {
        try {
          const options = { ...WRITE, upsert: true, returnDocument: 'after' } as const;
          return await this.#collections.values.findOneAndUpdate({ _id: idOf(namespace, key) }, change, options);
        } catch (error) {
          // Two first ones at once: the other's stands there now.
          if (isDuplicate(error)) return null;
          throw error;
        }
      });
      if (row?.count !== undefined) return row.count;
    }
    throw new MemwardenError('store_timeout');
  }

  async removeFamily(family: string, limit: number): Promise<number> {
    const { values } = this.#collections;
    return translated(async () => {
      const filter: Filter<ValueRow> = { _id: { $gte: family, $lt: `${family}\u{10ffff}` } };
      const rows = await values.find(filter, { ...SETTLED, projection: { _id: 1 }, limit }).toArray();
      if (rows.length === 0) return 0;
      const { deletedCount } = await values.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, WRITE);
      return deletedCount;
    });
  }

  async removeExpired(before: Date, limit: number): Promise<number> {
    const { values } = this.#collections;
    return translated(async () => {
      const due = { expires_at: { $lte: before } };
      const rows = await values.find(due, { ...SETTLED, projection: { _id: 1 }, limit }).toArray();
      if (rows.length === 0) return 0;
      const { deletedCount } = await values.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) }, ...due }, WRITE);
      return deletedCount;
    });
  }
}

function idOf(namespace: string, key: string): string {
  assertNamespace(namespace);
  return `${namespace}/${key}`;
}

function expiry(expiresAt: Date | undefined): { expires_at?: Date } {
  return expiresAt ? { expires_at: expiresAt } : {};
}

function toKept(row: ValueRow): KeptValue {
  return {
    value: row.count === undefined ? row.value : String(row.count),
    version: row.version,
    ...(row.expires_at ? { expiresAt: row.expires_at } : {}),
  };
}

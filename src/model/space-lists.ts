import { MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord } from './fields.js';
import type { KeyValueStore } from './key-value.js';
import { nameOf, partitionOf } from './partition-name.js';
import type { Partition } from './partition.js';
import { isSpace } from './space.js';

/** A list as it lies in the store: a sealed record, and where it stands. */
export interface StoredList {
  readonly record: MemoryRecord;
  /** Changes with every write, resealing included. */
  readonly place: number;
}

const NAMESPACE = 'space.lists';
const PAGE = 200;

/** The access lists of spaces: sealed records, which all processes on one store share. */
export class SpaceLists {
  readonly #values: KeyValueStore;
  readonly #tenant: string | undefined;

  /** @param tenant whose spaces these are; those of all tenants where it is not given */
  constructor(values: KeyValueStore, tenant?: string) {
    this.#values = values;
    this.#tenant = tenant;
  }

  /** The list of a space. */
  async get(partition: Partition): Promise<StoredList | undefined> {
    const found = await this.#values.get(NAMESPACE, this.#keyOf(partition));
    return found && { record: decoded(found.value), place: found.version };
  }

  /** Puts a list where there is none. @returns whether it was put */
  insert(partition: Partition, record: MemoryRecord): Promise<boolean> {
    return this.#values.insert(NAMESPACE, this.#keyOf(partition), encoded(record));
  }

  /** Puts a list in the place of one that was read. @returns whether that one stood there still */
  replace(partition: Partition, place: number, record: MemoryRecord): Promise<boolean> {
    return this.#values.replace(NAMESPACE, this.#keyOf(partition), place, encoded(record));
  }

  /** Takes a list away. @returns whether there was one */
  remove(partition: Partition): Promise<boolean> {
    return this.#values.remove(NAMESPACE, this.#keyOf(partition));
  }

  /** The spaces that have a list, in the order of tenant and space; those after one, where it is given. */
  async *spaces(last?: Partition): AsyncGenerator<Partition, void, undefined> {
    const first = this.#tenant === undefined ? undefined : { tenant: this.#tenant, userId: '' };
    const from = last ?? first;
    let after = from && this.#keyOf(from);
    for (;;) {
      const page = await this.#values.list(NAMESPACE, PAGE, after);
      for (const { key } of page) {
        const partition = partitionOf(key);
        // Those of a tenant lie together.
        if (this.#tenant !== undefined && partition.tenant !== this.#tenant) return;
        if (isSpace(partition)) yield partition;
      }
      after = page.at(-1)?.key;
      if (page.length < PAGE || after === undefined) return;
    }
  }

  #keyOf(partition: Partition): string {
    if (this.#tenant !== undefined && partition.tenant !== this.#tenant) throw new MemwardenError('internal');
    return nameOf(partition);
  }
}

function encoded(record: MemoryRecord): string {
  const parts = Object.entries(record).map(([name, value]: [string, unknown]) => {
    if (value instanceof Date) return [name, { date: value.toISOString() }];
    return Buffer.isBuffer(value) ? [name, { bytes: value.toString('base64') }] : [name, value];
  });
  return JSON.stringify(Object.fromEntries(parts));
}

// Nothing of it is trusted before its seal is checked.
function decoded(text: string): MemoryRecord {
  const parts = Object.entries(JSON.parse(text) as Record<string, unknown>).map(([name, value]) => {
    const { date, bytes } = (typeof value === 'object' ? (value ?? {}) : {}) as { date?: unknown; bytes?: unknown };
    if (typeof date === 'string') return [name, new Date(date)];
    return typeof bytes === 'string' ? [name, Buffer.from(bytes, 'base64')] : [name, value];
  });
  return Object.fromEntries(parts) as MemoryRecord;
}

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

  constructor(values: KeyValueStore) {
    this.#values = values;
  }

  /** The list of a space. */
  async get(partition: Partition): Promise<StoredList | undefined> {
    const found = await this.#values.get(NAMESPACE, nameOf(partition));
    return found && { record: decoded(found.value), place: found.version };
  }

  /** Puts a list where there is none. @returns whether it was put */
  insert(partition: Partition, record: MemoryRecord): Promise<boolean> {
    return this.#values.insert(NAMESPACE, nameOf(partition), encoded(record));
  }

  /** Puts a list in the place of one that was read. @returns whether that one stood there still */
  replace(partition: Partition, place: number, record: MemoryRecord): Promise<boolean> {
    return this.#values.replace(NAMESPACE, nameOf(partition), place, encoded(record));
  }

  /** Takes a list away. @returns whether there was one */
  remove(partition: Partition): Promise<boolean> {
    return this.#values.remove(NAMESPACE, nameOf(partition));
  }

  /** The spaces that have a list, in the order of tenant and space; those after one, where it is given. */
  async *spaces(last?: Partition): AsyncGenerator<Partition, void, undefined> {
    let after = last && nameOf(last);
    for (;;) {
      const page = await this.#values.list(NAMESPACE, PAGE, after);
      for (const { key } of page) {
        const partition = partitionOf(key);
        if (isSpace(partition)) yield partition;
      }
      after = page.at(-1)?.key;
      if (page.length < PAGE || after === undefined) return;
    }
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

import type { MemoryRecord } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import { fold } from './fold.js';

/** What was opened of a record, as far as a condition asks. */
export type Opened = Pick<Memory, 'content' | 'metadata'>;

/** A record as a condition looks at it: however many of its parts ask of a text, it is folded once. */
export class Sight {
  readonly record: Readonly<MemoryRecord>;
  readonly #opened: Opened;
  readonly #texts = new Map<'content' | 'category', string>();
  readonly #values = new Map<string, unknown>();

  constructor(record: Readonly<MemoryRecord>, opened: Opened) {
    this.record = record;
    this.#opened = opened;
  }

  /** A text of the record. */
  text(field: 'content' | 'category', folded: boolean): string {
    const text = field === 'content' ? (this.#opened.content ?? '') : this.record.category;
    return folded ? once(this.#texts, field, () => fold(text)) : text;
  }

  /** Whether the metadata have a key of their own. */
  has(key: string): boolean {
    return Object.hasOwn(this.#opened.metadata ?? {}, key);
  }

  /** What the metadata hold under a key; folded, where it is a text or a list, what texts there are in it. */
  value(key: string, folded = false): unknown {
    const value = this.#opened.metadata?.[key];
    return folded
      ? once(this.#values, key, () => (Array.isArray(value) ? value.map(foldText) : foldText(value)))
      : value;
  }
}

function foldText(value: unknown): unknown {
  return typeof value === 'string' ? fold(value) : value;
}

function once<K, V>(kept: Map<K, V>, key: K, make: () => V): V {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key) as V;
}

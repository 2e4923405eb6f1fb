import { MemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import type { ExportSink } from '../guard/export.js';
import { compileCondition, compileFilter } from '../guard/filter.js';
import type { Guard } from '../guard/guard.js';
import type { Page } from '../guard/read.js';
import type { Hit } from '../guard/search.js';
import type { Where } from '../guard/where.js';
import type { Memory } from '../model/memory.js';
import { FALSE } from '../model/predicate.js';
import { toSearch, type SearchOptions } from './searching.js';

/** Which part of a list. */
export interface Part {
  readonly limit: number;
  /** The cursor of the part before. */
  readonly cursor?: string | undefined;
  /** How many to pass over, which are not released. */
  readonly skip?: number;
}

/** What `export` takes at most, so that it fits into one answer. */
export const MAX_EXPORTED = 10_000;
/** The most bytes of it, as JSON in UTF-8: an answer is put together in one piece. */
export const MAX_EXPORTED_BYTES = 32 << 20;

/** Reading the memories of one user by conditions with AND, OR and NOT; for doors that speak of such. */
export class ConditionedMemory {
  readonly #guard: Guard;
  readonly #access: Access;

  constructor(guard: Guard, access: Access) {
    this.#guard = guard;
    this.#access = access;
  }

  /** A part of what satisfies a condition, newest first. @throws MemwardenError forbidden, invalid_cursor */
  list(where: Where, { limit, cursor, skip }: Part): Promise<Page> {
    return this.#guard.list(this.#access, compileCondition(where), limit, cursor, skip);
  }

  /** How many satisfy a condition. @throws MemwardenError forbidden */
  count(where: Where): Promise<number> {
    return this.#guard.count(this.#access, compileCondition(where));
  }

  /** What answers a query best of what satisfies a condition. @throws MemwardenError forbidden, invalid_argument */
  async search(query: string, where: Where, options: Omit<SearchOptions, 'filter'>): Promise<readonly Hit[]> {
    const search = { ...toSearch(query, options), filter: compileCondition(where) };
    return (await this.#guard.search(this.#access, search)).hits;
  }

  /**
   * Exports what satisfies a condition: what may be read and exported, on record before it is handed out.
   *
   * @throws MemwardenError forbidden; export_unsettled; batch_too_large above `MAX_EXPORTED` or
   *   `MAX_EXPORTED_BYTES`, where nothing is released
   */
  async export(where: Where): Promise<readonly Memory[]> {
    const gathered = new Gathered();
    await this.#guard.export(this.#access, { filter: compileCondition(where) }, gathered);
    return gathered.memories;
  }

  /** Whether it may export anything at all. @throws MemwardenError forbidden */
  async mayExport(): Promise<void> {
    const filter = { ...compileFilter({}), predicates: [FALSE] };
    await this.#guard.export(this.#access, { filter }, new Gathered());
  }
}

class Gathered implements ExportSink {
  memories: Memory[] = [];
  #bytes = 0;

  hold(memories: readonly Memory[]): number {
    for (const memory of memories) {
      this.memories.push(memory);
      if (this.memories.length > MAX_EXPORTED) throw tooLarge(MAX_EXPORTED, 'memories');
      this.#bytes += Buffer.byteLength(JSON.stringify(memory));
      if (this.#bytes > MAX_EXPORTED_BYTES) throw tooLarge(MAX_EXPORTED_BYTES, 'bytes');
    }
    // Nothing leaves before all of it is on record.
    return 0;
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    this.memories = [];
    this.#bytes = 0;
    return Promise.resolve();
  }
}

function tooLarge(limit: number, of: string): MemwardenError {
  return new MemwardenError('batch_too_large', { limit, of });
}

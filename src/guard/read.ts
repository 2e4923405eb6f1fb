import { MemwardenError } from '../errors/memwarden-error.js';
import type { FieldName, MemoryRecord } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { Cursors } from './cursor.js';
import { isOpened, type CompiledFilter } from './filter.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { walk, WALKED } from './walk.js';
import { Witness } from './witness.js';

/**
 * How much text a page holds at most, in bytes of UTF-8: content and metadata that are released. A hundred memories fit
 * whatever they hold.
 */
export const PAGE_BYTES = 8 << 20;

/** A page of memories, newest first. */
export interface Page<M = Memory> {
  readonly memories: readonly M[];
  /** Continues after the last memory of this page; absent where there is no more. */
  readonly cursor?: string;
}

const READ: readonly Use[] = [{ action: 'read' }];
const SORT: readonly FieldName[] = ['occurred_at'];
const UNSORTED: readonly FieldName[] = [];

/** Reading: by id, by page, and counting. */
export class Reader {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;
  readonly #cursors: Cursors;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
    this.#cursors = new Cursors(context.cursorKeys, context.clock);
  }

  /** One memory, or null where it is absent or not permitted. */
  async get(access: Access, id: string): Promise<Memory | null> {
    const binding = access.binding();
    const now = this.#context.clock();
    const query = access.query(binding, READ, now);
    return this.#context.sealer.reading(access, async (keys) => {
      const record = await this.#context.store.findOne(query, storedId(id));
      if (!record || !(await this.#release.admits(keys, access, binding, record, now, READ))) {
        await miss(this.#context, keys, access, binding, 'read', id);
        return null;
      }
      const memory = this.#release.open(keys, access, binding, record);
      await this.#witness.read(access, binding, { action: 'read', records: [record] });
      return memory;
    });
  }

  /**
   * A page of what the filter and the plan let through, after the first `skip` of it: those are not released. It ends before
   * `limit` where it holds `PAGE_BYTES`.
   */
  async list(access: Access, filter: CompiledFilter, limit: number, cursor?: string, skip = 0): Promise<Page> {
    const context = ['list', access.key, access.partition.tenant, access.partition.userId, filter.key];
    const binding = access.binding();
    access.plan(binding, { action: 'read' });
    const now = this.#context.clock();
    const after = cursor === undefined ? undefined : toPosition(await this.#cursors.open(context, cursor));
    const memories: Memory[] = [];
    const records: MemoryRecord[] = [];
    let isMore = false as boolean;
    let left = skip;
    let held = 0;
    const take = (record: MemoryRecord, memory: Memory) => {
      if (left > 0) return (left -= 1) >= 0;
      held += bytesIn(memory);
      if (records.length === limit || held > PAGE_BYTES) {
        isMore = true;
        return false;
      }
      memories.push(memory);
      records.push(record);
      return true;
    };
    await this.#context.sealer.reading(access, (keys) => {
      const reading = { keys, access, binding, now };
      return walk(this.#context, this.#release, reading, { filter, sort: SORT, wanted: skip + limit + 1, after }, take);
    });
    await this.#witness.read(access, binding, { action: 'read', act: 'list', records });
    // Who was taken from the list of a space in between is not told that this was all of it.
    if (cursor !== undefined && !access.stands('read')) throw new MemwardenError('invalid_cursor');
    const last = records.at(-1);
    if (!isMore || !last) return { memories };
    return { memories, cursor: await this.#cursors.seal(context, [last.occurred_at.getTime(), last.id]) };
  }

  /** How many memories the filter and the plan let through. */
  async count(access: Access, filter: CompiledFilter): Promise<number> {
    const binding = access.binding();
    const now = this.#context.clock();
    let count = 0;
    if (!isOpened(filter)) {
      const uses: readonly Use[] = [{ action: 'read', fields: filter.fields }];
      count = await this.#context.store.count(access.query(binding, uses, now, filter.predicates));
    } else {
      await this.#context.sealer.reading(access, (keys) => {
        const reading = { keys, access, binding, now };
        const all = { filter, sort: UNSORTED, wanted: WALKED };
        return walk(this.#context, this.#release, reading, all, () => (count += 1) > 0);
      });
    }
    await this.#witness.read(access, binding, { action: 'read', act: 'count', count });
    return count;
  }
}

// Of what is released alone: how much there is of a field that is withheld shows nowhere (S7).
function bytesIn({ content, metadata }: Memory): number {
  return Buffer.byteLength(content ?? '') + (metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata)));
}

function toPosition([at, id]: readonly (string | number)[]): Position {
  return { occurredAt: new Date(Number(at)), id: String(id) };
}

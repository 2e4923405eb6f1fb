import type { FieldName } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import { principalKey } from '../model/principal.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { Cursors } from './cursor.js';
import type { CompiledFilter } from './filter.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { walk, type Released } from './walk.js';

/** A page of memories, newest first. */
export interface Page {
  readonly memories: readonly Memory[];
  /** Continues after the last memory of this page; absent where there is no more. */
  readonly cursor?: string;
}

const READ: readonly Use[] = [{ action: 'read' }];
const SORT: readonly FieldName[] = ['occurred_at'];
const BATCH = 250;

/** Reading: by id, by page, and counting. */
export class Reader {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #cursors: Cursors;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
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
        await miss(this.#context, keys, access, 'read', id);
        return null;
      }
      const memory = this.#release.open(keys, access, binding, record);
      await this.#audit(access, binding, [record.id]);
      return memory;
    });
  }

  /** A page of what the filter and the plan let through. */
  async list(access: Access, filter: CompiledFilter, limit: number, cursor?: string): Promise<Page> {
    const context = [
      'list',
      principalKey(access.principal),
      access.partition.tenant,
      access.partition.userId,
      filter.key,
    ];
    const binding = access.binding();
    access.plan(binding, { action: 'read' });
    const now = this.#context.clock();
    const after = cursor === undefined ? undefined : toPosition(await this.#cursors.open(context, cursor));
    const order = { filter, sort: SORT, wanted: limit + 1, after };
    const found = await this.#context.sealer.reading(access, async (keys) => {
      const released: Released[] = [];
      for await (const one of walk(this.#context, this.#release, { keys, access, binding, now }, order)) {
        if (released.push(one) > limit) break;
      }
      return released;
    });
    const page = found.slice(0, limit);
    await this.#audit(
      access,
      binding,
      page.map(({ record }) => record.id),
    );
    const memories = page.map(({ memory }) => memory);
    const last = page.at(-1)?.record;
    if (found.length <= limit || !last) return { memories };
    return { memories, cursor: await this.#cursors.seal(context, [last.occurred_at.getTime(), last.id]) };
  }

  /** How many memories the filter and the plan let through. */
  async count(access: Access, filter: CompiledFilter): Promise<number> {
    const binding = access.binding();
    const now = this.#context.clock();
    let count = 0;
    if (filter.keyword === undefined) {
      const uses: readonly Use[] = [{ action: 'read', fields: filter.fields }];
      count = await this.#context.store.count(access.query(binding, uses, now, filter.predicates));
    } else {
      const order = { filter, sort: [], wanted: BATCH };
      count = await this.#context.sealer.reading(access, async (keys) => {
        let found = 0;
        for await (const _ of walk(this.#context, this.#release, { keys, access, binding, now }, order)) found += 1;
        return found;
      });
    }
    await this.#audit(access, binding, []);
    return count;
  }

  async #audit(access: Access, binding: Binding, ids: readonly string[]): Promise<void> {
    const { principal, partition } = access;
    const { revision } = binding;
    await this.#context.auditor.record({
      principal,
      owner: partition.userId,
      action: 'read',
      subject: 'Memory',
      phase: 'read',
      outcome: 'allowed',
      ids,
      revision,
    });
  }
}

function toPosition([at, id]: readonly (string | number)[]): Position {
  return { occurredAt: new Date(Number(at)), id: String(id) };
}

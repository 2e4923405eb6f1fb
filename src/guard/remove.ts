import { MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord } from '../model/fields.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { fold, type CompiledFilter } from './filter.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';

const ATTEMPTS = 5;
const BATCH = 1_000;

/** Deleting: by id and by filter. What goes is what may be read and deleted. */
export class Remover {
  readonly #context: GuardContext;
  readonly #release: Release;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
  }

  /** Deletes one memory. */
  async remove(access: Access, id: string): Promise<void> {
    const uses: readonly Use[] = [{ action: 'read' }, { action: 'delete' }];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const binding = access.binding();
      const now = this.#context.clock();
      const query = access.query(binding, uses, now);
      const record = await this.#context.store.findOne(query, storedId(id));
      if (!record || !(await this.#release.admits(access, binding, record, now, uses))) {
        await miss(this.#context, access, 'delete', id);
        throw new MemwardenError('not_found');
      }
      await this.#audit(access, binding, 'intent', [record.id]);
      if ((await this.#context.store.remove(query, [record], now)) !== 1) continue;
      await this.#audit(access, binding, 'result', [record.id]);
      return;
    }
    throw new MemwardenError('conflict');
  }

  /**
   * Deletes everything that the filter lets through, in batches: constant memory, whatever their number. What changes
   * while it runs is looked at again in another pass.
   *
   * @returns how many were deleted
   */
  async removeMany(access: Access, filter: CompiledFilter): Promise<number> {
    const uses: readonly Use[] = [{ action: 'read', fields: filter.fields }, { action: 'delete' }];
    let deleted = 0;
    for (let pass = 0; pass < ATTEMPTS; pass += 1) {
      const found = await this.#pass(access, filter, uses);
      deleted += found.deleted;
      if (found.missed === 0) return deleted;
    }
    throw new MemwardenError('conflict', { deleted });
  }

  async #pass(
    access: Access,
    filter: CompiledFilter,
    uses: readonly Use[],
  ): Promise<{ deleted: number; missed: number }> {
    let deleted = 0;
    let missed = 0;
    let after: Position | undefined;
    for (;;) {
      const binding = access.binding();
      const now = this.#context.clock();
      const query = access.query(binding, uses, now, filter.predicates);
      const records = await this.#context.store.find(query, BATCH, after);
      const chosen: MemoryRecord[] = [];
      for (const record of records) {
        if (!(await this.#release.admits(access, binding, record, now, uses))) continue;
        if (await this.#hasKeyword(record, filter.keyword)) chosen.push(record);
      }
      const ids = chosen.map((record) => record.id);
      await this.#audit(access, binding, 'intent', ids);
      const done = chosen.length ? await this.#context.store.remove(query, chosen, now) : 0;
      await this.#audit(access, binding, 'result', ids);
      deleted += done;
      missed += chosen.length - done;
      const last = records.at(-1);
      if (!last || records.length < BATCH) return { deleted, missed };
      after = { occurredAt: last.occurred_at, id: last.id };
    }
  }

  async #hasKeyword(record: MemoryRecord, keyword: string | undefined): Promise<boolean> {
    if (keyword === undefined) return true;
    const { content } = await this.#context.sealer.open(record, ['content']);
    return fold(content ?? '').includes(keyword);
  }

  async #audit(access: Access, binding: Binding, phase: 'intent' | 'result', ids: readonly string[]): Promise<void> {
    const { principal, partition } = access;
    const { revision } = binding;
    const entry = {
      principal,
      owner: partition.userId,
      subject: 'Memory',
      phase,
      outcome: 'allowed',
      ids,
      revision,
    } as const;
    await this.#context.auditor.record({ ...entry, action: 'delete' });
  }
}

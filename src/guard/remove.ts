import { MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord, SealedName } from '../model/fields.js';
import type { PartitionSealer } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Target } from '../store/planned.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { isOpened, passes, type CompiledFilter } from './filter.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';

const ATTEMPTS = 5;
const BATCH = 1_000;
// What a filter can ask of that no query can.
const OPENED: readonly SealedName[] = ['content', 'metadata', 'speaker'];

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
      const done = await this.#context.sealer.writing(access, { messages: 0, create: false }, async (keys) => {
        const record = await this.#context.store.findOne(query, storedId(id));
        if (!record || !(await this.#release.admits(keys, access, binding, record, now, uses))) {
          await miss(this.#context, keys, access, binding, 'delete', id);
          throw new MemwardenError('not_found');
        }
        await this.#audit(access, binding, 'intent', [record.id]);
        const removed = await this.#context.store.remove(query, [targetOf(keys, record, now)], now, keys.epoch);
        if (removed === 1) await this.#audit(access, binding, 'result', [record.id]);
        return removed === 1;
      });
      if (done) return;
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
      const last = await this.#context.sealer.writing(access, { messages: 0, create: false }, async (keys) => {
        const records = await this.#context.store.find(query, BATCH, after);
        const chosen: MemoryRecord[] = [];
        for (const record of records) {
          if (!(await this.#release.admits(keys, access, binding, record, now, uses))) continue;
          if (!isOpened(filter) || passes(filter, keys.open(record, OPENED))) chosen.push(record);
        }
        const ids = chosen.map((record) => record.id);
        await this.#audit(access, binding, 'intent', ids);
        const targets = chosen.map((record) => targetOf(keys, record, now));
        const done = targets.length ? await this.#context.store.remove(query, targets, now, keys.epoch) : 0;
        await this.#audit(access, binding, 'result', ids);
        deleted += done;
        missed += chosen.length - done;
        return records.length < BATCH ? undefined : records.at(-1);
      });
      if (!last) return { deleted, missed };
      after = { occurredAt: last.occurred_at, id: last.id };
    }
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

function targetOf(keys: PartitionSealer, record: MemoryRecord, at: Date): Target {
  const { key_id, bare } = keys.bury(record, at);
  const last = { ...(key_id === undefined ? {} : { key_id }), ...(bare ? { bare } : {}) };
  return { id: record.id, version: record.version, last };
}

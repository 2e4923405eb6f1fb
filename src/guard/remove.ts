import { MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord, SealedName } from '../model/fields.js';
import type { KeyUse, PartitionSealer } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { PlannedQuery, Target } from '../store/planned.js';
import type { Access, Use } from './access.js';
import { usedBy } from './changes.js';
import type { GuardContext } from './context.js';
import { isOpened, passes, type CompiledFilter } from './filter.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import { underKey } from './under-key.js';
import { Witness } from './witness.js';

const ATTEMPTS = 5;
const BATCH = 1_000;
const NOTHING: KeyUse = { messages: 0, create: false };
// What a filter can ask of that no query can.
const OPENED: readonly SealedName[] = ['content', 'metadata', 'speaker'];

/** Deleting: by id and by filter. What goes is what may be read and deleted. */
export class Remover {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
  }

  /** Deletes one memory; with a version only while it is at that one. */
  async remove(access: Access, id: string, ifVersion?: number): Promise<void> {
    const uses: readonly Use[] = [{ action: 'read', fields: usedBy([], ifVersion) }, { action: 'delete' }];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const binding = access.binding();
      const now = this.#context.clock();
      const query = access.query(binding, uses, now);
      const done = await underKey(this.#context.sealer, access, NOTHING, async (keys) => {
        const record = await this.#context.store.findOne(query, storedId(id));
        if (!record || !(await this.#release.admits(keys, access, binding, record, now, uses))) {
          await miss(this.#context, keys, access, binding, 'delete', id);
          throw new MemwardenError('not_found');
        }
        if (ifVersion !== undefined && ifVersion !== record.version) throw new MemwardenError('conflict');
        return (await this.#remove(keys, access, binding, query, [record], now)) === 1;
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
      const last = await underKey(this.#context.sealer, access, NOTHING, async (keys) => {
        const records = await this.#context.store.find(query, BATCH, after);
        const chosen: MemoryRecord[] = [];
        const slices = new Slices();
        for (const record of records) {
          if (!(await this.#release.admits(keys, access, binding, record, now, uses))) continue;
          if (!isOpened(filter) || passes(filter, keys.open(record, OPENED), record)) chosen.push(record);
          const turn = slices.turn();
          if (turn) await turn;
        }
        const done = await this.#remove(keys, access, binding, query, chosen, now);
        deleted += done;
        missed += chosen.length - done;
        return records.length < BATCH ? undefined : records.at(-1);
      });
      if (!last) return { deleted, missed };
      after = { occurredAt: last.occurred_at, id: last.id };
    }
  }

  #remove(
    keys: PartitionSealer,
    access: Access,
    binding: Binding,
    query: PlannedQuery,
    records: readonly MemoryRecord[],
    now: Date,
  ): Promise<number> {
    const targets = records.map((record) => targetOf(keys, record, now));
    return this.#witness.change(
      access,
      binding,
      { action: 'delete', records },
      async (carried) =>
        targets.length ? carried((join) => this.#context.store.remove(query, targets, now, keys.epoch, join)) : 0,
      (done) => ({ outcome: done === records.length ? 'allowed' : 'conflict', count: done }),
    );
  }
}

function targetOf(keys: PartitionSealer, record: MemoryRecord, at: Date): Target {
  const { key_id, bare } = keys.bury(record, at);
  const last = { ...(key_id === undefined ? {} : { key_id }), ...(bare ? { bare } : {}) };
  return { id: record.id, version: record.version, last };
}

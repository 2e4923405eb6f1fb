import { MemwardenError } from '../errors/memwarden-error.js';
import { SEALED, type MemoryRecord } from '../model/fields.js';
import type { HistoryEntry, Memory } from '../model/memory.js';
import type { PartitionOpener } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { PlannedQuery, StateRow } from '../store/planned.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { Witness } from './witness.js';

// An entry tells when a change was made and what the one before it was (S7).
const READ: readonly Use[] = [{ action: 'read', fields: ['updated_at'] }];

/**
 * The changes of a memory (S11): shown only if the memory, or after a delete its last state, may be read, and of each
 * change only if every state that it shows may be.
 */
export class Historian {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
  }

  async history(access: Access, id: string): Promise<HistoryEntry[]> {
    const binding = access.binding();
    const now = this.#context.clock();
    const query = access.query(binding, READ, now);
    return this.#context.sealer.reading(access, (keys) => this.#history(keys, access, binding, query, now, id));
  }

  async #history(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    query: PlannedQuery,
    now: Date,
    id: string,
  ): Promise<HistoryEntry[]> {
    const current = await this.#context.store.findOne(query, storedId(id));
    const states: StateRow[] = [];
    for (const state of await this.#context.store.findStates(query, storedId(id))) {
      if (await this.#release.admitsState(keys, access, binding, state, now, READ)) states.push(state);
    }
    const deleted = states.find((state) => state.deletedAt !== undefined);
    const admitted = current && (await this.#release.admits(keys, access, binding, current, now, READ));
    const last = deleted?.record ?? (admitted ? current : undefined);
    if (!last) {
      await miss(this.#context, keys, access, binding, 'read', id);
      throw new MemwardenError('not_found');
    }
    // Sealed fields may be gone from the states of a deleted memory alone.
    const past = chain(deleted ? states : states.filter(({ record }) => record.content !== undefined), last);
    const entries = this.#entries(keys, access, binding, past, last, deleted?.deletedAt);
    await this.#witness.read(access, binding, { action: 'read', act: 'history', records: [last] });
    return entries;
  }

  #entries(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    byVersion: ReadonlyMap<number, MemoryRecord>,
    last: MemoryRecord,
    deletedAt: Date | undefined,
  ): HistoryEntry[] {
    const show = (record: MemoryRecord): Memory => {
      const kind = record === last ? 'memory' : 'history';
      return this.#release.open(keys, access, binding, deletedAt ? unsealed(record) : record, kind, 'version');
    };
    const entries: HistoryEntry[] = [];
    for (const [version, record] of byVersion) {
      const before = byVersion.get(version - 1);
      const event = version === 1 ? 'create' : 'update';
      if (event === 'update' && !before) continue;
      entries.push({
        n: entries.length + 1,
        event,
        at: record.updated_at,
        ...(before ? { before: show(before) } : {}),
        after: show(record),
      });
    }
    if (deletedAt) entries.push({ n: entries.length + 1, event: 'delete', at: deletedAt, before: show(last) });
    return entries;
  }
}

// A state at or above the last one is a copy that a writer put before its change came to nothing.
function chain(states: readonly StateRow[], last: MemoryRecord): ReadonlyMap<number, MemoryRecord> {
  const past = states
    .filter((state) => !state.deletedAt && state.record.version < last.version)
    .map((state) => state.record);
  return new Map([...past, last].sort((a, b) => a.version - b.version).map((record) => [record.version, record]));
}

function unsealed(record: MemoryRecord): MemoryRecord {
  const clear = { ...record };
  for (const field of SEALED) delete clear[field];
  return clear;
}

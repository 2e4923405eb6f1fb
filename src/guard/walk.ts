import type { FieldName, MemoryRecord } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import { isPending, type PartitionOpener } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { isOpened, passes, type CompiledFilter } from './filter.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';

/** The largest batch that a walk reads at once. */
export const WALKED = 250;

/** A read that is under way: who reads, under which policies, at what time, with the keys at hand. */
export interface Reading {
  readonly keys: PartitionOpener;
  readonly access: Access;
  readonly binding: Binding;
  readonly now: Date;
}

/** A record that was released, beside what was released of it. */
export interface Released {
  readonly record: MemoryRecord;
  readonly memory: Memory;
}

/** What to walk through. */
export interface Walk {
  readonly filter: CompiledFilter;
  /** What the order shows. */
  readonly sort: readonly FieldName[];
  /** How many the caller wants, which sizes the batches. */
  readonly wanted: number;
  readonly after?: Position | undefined;
}

/**
 * Goes down what a filter and the plan let through, newest first. One record after the other, for each may have to be
 * waited for; but none is where nothing has to be fetched, save that other work runs now and then.
 *
 * @param take takes a record that was let through; false ends the walk
 */
export async function walk(
  context: GuardContext,
  release: Release,
  { keys, access, binding, now }: Reading,
  { filter, sort, wanted, after }: Walk,
  take: (record: MemoryRecord, memory: Memory) => boolean,
): Promise<void> {
  const uses: readonly Use[] = [{ action: 'read', fields: [...sort, ...filter.fields] }];
  const query = access.query(binding, uses, now, filter.predicates);
  const size = isOpened(filter) ? WALKED : Math.min(wanted, WALKED);
  const slices = new Slices();
  let position = after;
  for (;;) {
    const records = await context.store.find(query, size, position);
    for (const record of records) {
      const admitted = release.admits(keys, access, binding, record, now, uses);
      if (!(isPending(admitted) ? await admitted : admitted)) continue;
      const memory = release.open(keys, access, binding, record);
      if (passes(filter, memory, record) && !take(record, memory)) return;
      const turn = slices.turn();
      if (turn) await turn;
    }
    const last = records.at(-1);
    if (!last || records.length < size) return;
    position = { occurredAt: last.occurred_at, id: last.id };
  }
}

import type { MemoryRecord } from '../../../src/model/fields.js';
import { ALL } from '../../../src/model/plan.js';
import type { Predicate } from '../../../src/model/predicate.js';
import type { Partition } from '../../../src/store/partition.js';
import {
  plannedInsert,
  plannedQuery,
  type PlannedQuery,
  type Replacement,
  type Target,
} from '../../../src/store/planned.js';
import type { StoreDriver } from '../../../src/store/driver.js';

export const EPOCH = new Date('2026-01-01T00:00:00.000Z');

export const at = (minutes: number): Date => new Date(EPOCH.getTime() + minutes * 60_000);

/** A well-formed record; its content names it, so that a search of the raw store finds what is left of it. */
export function recordOf(partition: Partition, id: string, more: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    id,
    tenant: partition.tenant,
    user_id: partition.userId,
    sensitivity: 'private',
    category: 'general',
    occurred_at: EPOCH,
    created_at: EPOCH,
    updated_at: EPOCH,
    version: 1,
    content: `secret of ${id} at 1`,
    ...more,
  };
}

/** The next version of a record, with other content. */
export function nextOf(current: MemoryRecord, more: Partial<MemoryRecord> = {}): MemoryRecord {
  const version = current.version + 1;
  return { ...current, version, updated_at: at(version), content: `secret of ${current.id} at ${version}`, ...more };
}

/** All of a partition, narrowed. */
export function everythingIn(partition: Partition, ...narrow: readonly Predicate[]): PlannedQuery {
  return plannedQuery(partition, [ALL], narrow);
}

/** Stores records one by one or all together. */
export async function store(driver: StoreDriver, records: readonly MemoryRecord[], atomic = false): Promise<void> {
  const [first] = records;
  if (!first) return;
  const partition = { tenant: first.tenant, userId: first.user_id };
  await driver.planned.insert(plannedInsert(partition, records, atomic, 0));
}

/** Ids of records: unique in the store, for MongoDB keeps ids of one shard apart from one another, whoever owns them. */
export const namedIn =
  ({ userId }: Partition) =>
  (name: string | number): string =>
    `${userId}:${name}`;

export const idsOf = (records: readonly { readonly id: string }[]): string[] => records.map(({ id }) => id);

/** The code that a call fails with; `undefined` where it succeeds. */
export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as { readonly code?: unknown }).code ?? error;
  }
}

/** An update of records that nothing seals. */
export const changeOf = (current: MemoryRecord, next: MemoryRecord): Replacement => ({ current, kept: current, next });

/** Records that nothing seals, as what to delete. */
export const targetsOf = (records: readonly Pick<Target, 'id' | 'version'>[]): Target[] =>
  records.map(({ id, version }) => ({ id, version, last: {} }));

import type { MemoryRecord } from '../../model/fields.js';
import type { Operand, Predicate } from '../../model/predicate.js';
import { and, not, or } from '../../model/predicate.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import type { StoreDriver } from '../driver.js';
import type { MaintenanceStore, SealedRow } from '../maintenance.js';
import type { Partition } from '../partition.js';
import {
  inPlaceOf,
  type PlannedQuery,
  type PlannedStore,
  type PlannedUserQuery,
  type PolicyFields,
} from '../planned.js';

/** How the names of one tenant's rows stand in a collection. */
interface Names {
  readonly tenant: string;
  readonly place: Partition;
  in(name: string): string;
  out(name: string): string;
  predicate(part: Predicate): Predicate;
}

/**
 * Memories of several tenants in one collection. What a collection knows rows by, the id and the owner, stands there with
 * the tenant before it: two tenants may have memories of one id, and an index never leads through the rows of another
 * tenant. Neither order nor equality within a tenant changes. Rows of no tenant stand as they always did.
 */
export function withTenantIds({ planned, maintenance }: Pick<StoreDriver, 'planned' | 'maintenance'>) {
  return { planned: plannedOf(planned), maintenance: maintenanceOf(maintenance) };
}

function plannedOf(store: PlannedStore): PlannedStore {
  // A query that nobody planned may hold anything; the store refuses it.
  const by = (query: { readonly partition: Partition } | null | undefined) => namesOf(query?.partition);
  return {
    async findOne(query, id) {
      const names = by(query);
      if (!names) return store.findOne(query, id);
      const found = await store.findOne(asked(query, names), names.in(id));
      return found && outward(found, names);
    },
    async find(query, limit, after) {
      const names = by(query);
      if (!names) return store.find(query, limit, after);
      const from = after && { ...after, id: names.in(after.id) };
      return (await store.find(asked(query, names), limit, from)).map((record) => outward(record, names));
    },
    async findByIds(query, ids) {
      const names = by(query);
      if (!names) return store.findByIds(query, ids);
      const found = await store.findByIds(
        asked(query, names),
        ids.map((id) => names.in(id)),
      );
      return found.map((record) => outward(record, names));
    },
    count(query) {
      const names = by(query);
      return store.count(names ? asked(query, names) : query);
    },
    async findStates(query, id) {
      const names = by(query);
      if (!names) return store.findStates(query, id);
      const states = await store.findStates(asked(query, names), names.in(id));
      return states.map((state) => ({ ...state, record: outward(state.record, names) }));
    },
    insert(insert) {
      const names = by(insert);
      if (!names) return store.insert(insert);
      const records = insert.records.map((record) => inward(record, names));
      return store.insert(inPlaceOf(insert, { partition: names.place, records }));
    },
    replace(query, replacement, epoch) {
      const names = by(query);
      if (!names) return store.replace(query, replacement, epoch);
      const { current, kept, next } = replacement;
      const stored = { current: inward(current, names), kept: inward(kept, names), next: inward(next, names) };
      return store.replace(asked(query, names), stored, epoch);
    },
    remove(query, targets, at, epoch) {
      const names = by(query);
      if (!names) return store.remove(query, targets, at, epoch);
      const stored = targets.map((target) => ({ ...target, id: names.in(target.id) }));
      return store.remove(asked(query, names), stored, at, epoch);
    },
    async look(partition, id) {
      const names = namesOf(partition);
      if (!names) return store.look(partition, id);
      const found = await store.look(names.place, names.in(id));
      return found && (outward(found as unknown as MemoryRecord, names) as unknown as PolicyFields);
    },
    async findUsers(query, limit, after) {
      const { tenant } = (query as Partial<PlannedUserQuery> | undefined) ?? {};
      const names = tenant === undefined ? undefined : namesOf({ tenant, userId: '' });
      if (!names) return store.findUsers(query, limit, after);
      const mapped = inPlaceOf(query, { parts: query.parts.map((part) => names.predicate(part)) });
      const rows = await store.findUsers(mapped, limit, after === undefined ? undefined : names.in(after));
      return rows.map((row) => ({ ...row, userId: names.out(row.userId) }));
    },
    revision: (partition) => store.revision(placeOf(partition)),
  };
}

function maintenanceOf(store: MaintenanceStore): MaintenanceStore {
  const outwards = (found: readonly Partition[]) => found.map(partitionOf);
  return {
    ...store,
    partitionsToPurge: async (now, limit, tenant) => outwards(await store.partitionsToPurge(now, limit, tenant)),
    partitionsToRepair: async (before, limit, tenant) =>
      outwards(await store.partitionsToRepair(before, limit, tenant)),
    partitions: async (after, limit) => outwards(await store.partitions(after && placeOf(after), limit)),
    partitionsUnder: async (keyIds, limit) => outwards(await store.partitionsUnder(keyIds, limit)),
    purge: (partition, now, limit) => store.purge(placeOf(partition), now, limit),
    repair: (partition, before) => store.repair(placeOf(partition), before),
    async memories(partition, after, limit) {
      const names = namesOf(partition);
      if (!names) return store.memories(partition, after, limit);
      const found = await store.memories(names.place, after && inward(after, names), limit);
      return found.map((record) => outward(record, names));
    },
    withdraw: (partition, author, limit) => store.withdraw(placeOf(partition), author, limit),
    touch: (partition) => store.touch(placeOf(partition)),
    fence: (partition, epoch) => store.fence(placeOf(partition), epoch),
    tally: (partition) => store.tally(placeOf(partition)),
    sweep: (partition, limit, keyIds) => store.sweep(placeOf(partition), limit, keyIds),
    forget: (partition) => store.forget(placeOf(partition)),
    async rowsNotUnder(partition, keyId, limit) {
      const rows = await store.rowsNotUnder(placeOf(partition), keyId, limit);
      const names = namesOf(partition);
      return names ? rows.map((row) => ({ ...row, record: outward(row.record, names) })) : rows;
    },
    countNotUnder: (partition, keyId) => store.countNotUnder(placeOf(partition), keyId),
    reseal(partition, changes) {
      const names = namesOf(partition);
      if (!names) return store.reseal(partition, changes);
      const stored = (row: SealedRow) => ({ ...row, record: inward(row.record, names) });
      const mapped = changes.map(({ row, next }) => ({ row: stored(row), next: inward(next, names) }));
      return store.reseal(names.place, mapped);
    },
  };
}

// Undefined where rows stand as they are.
function namesOf(partition: Partition | null | undefined): Names | undefined {
  const tenant: unknown = partition?.tenant;
  if (!partition || typeof tenant !== 'string' || tenant === DEFAULT_TENANT) return undefined;
  // A tenant's name has no slash.
  const before = `${tenant}/`;
  const names: Names = {
    tenant,
    place: { tenant, userId: before + partition.userId },
    in: (name) => before + name,
    // What was put there by hand, and is of nobody, stays so.
    out: (name) => (typeof name === 'string' && name.startsWith(before) ? name.slice(before.length) : name),
    predicate: (part) => mapped(part, before),
  };
  return names;
}

function placeOf(partition: Partition): Partition {
  return namesOf(partition)?.place ?? partition;
}

function partitionOf(place: Partition): Partition {
  const names = namesOf(place);
  return names ? { ...place, userId: names.out(place.userId) } : place;
}

function inward(record: MemoryRecord, names: Names): MemoryRecord {
  return { ...record, id: names.in(record.id), user_id: names.in(record.user_id) };
}

function outward(record: MemoryRecord, names: Names): MemoryRecord {
  return { ...record, id: names.out(record.id), user_id: names.out(record.user_id) };
}

function asked(query: PlannedQuery, names: Names): PlannedQuery {
  const parts = query.parts.map((part) => names.predicate(part));
  return inPlaceOf(query, { partition: names.place, parts });
}

// What names neither stays the same object, so that its translation is kept.
function mapped(part: Predicate, before: string): Predicate {
  switch (part.kind) {
    case 'and':
    case 'or': {
      const of = part.of.map((one) => mapped(one, before));
      if (of.every((one, i) => one === part.of[i])) return part;
      return part.kind === 'and' ? and(...of) : or(...of);
    }
    case 'not': {
      const of = mapped(part.of, before);
      return of === part.of ? part : not(of);
    }
    case 'compare': {
      if ((part.field !== 'id' && part.field !== 'user_id') || part.op === 'exists') return part;
      const named = (value: Operand): Operand => (typeof value === 'string' ? before + value : value);
      return part.op === 'in' ? { ...part, value: part.value.map(named) } : { ...part, value: named(part.value) };
    }
    default:
      return part;
  }
}

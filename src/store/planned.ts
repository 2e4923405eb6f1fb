import { MemwardenError } from '../errors/memwarden-error.js';
import type { Join } from '../model/auditor.js';
import type { MemoryRecord } from '../model/fields.js';
import type { Plan } from '../model/plan.js';
import { conditionOf, isNone } from '../model/plan.js';
import type { Predicate } from '../model/predicate.js';
import type { Partition, Position } from './partition.js';

declare const planned: unique symbol;

/** A query on memories that carries a plan. Only the guard makes one; a store refuses everything else. */
export interface PlannedQuery {
  readonly [planned]: 'memories';
  readonly partition: Partition;
  /** All of them hold. Kept apart so that what recurs is translated once. */
  readonly parts: readonly Predicate[];
}

/** A query on the list of users that carries a plan. */
export interface PlannedUserQuery {
  readonly [planned]: 'users';
  readonly tenant: string;
  readonly parts: readonly Predicate[];
}

/** Records whose creation was decided. */
export interface PlannedInsert {
  readonly [planned]: 'insert';
  readonly partition: Partition;
  readonly records: readonly MemoryRecord[];
  /** All or nothing; else each record on its own. */
  readonly atomic: boolean;
  /** The epoch of the key record that they were sealed under (S22). */
  readonly epoch: number;
}

// The brand is a private field: nothing but this class can put it on an object, and no copy or proxy has it.
class Issued {
  #issued = true;

  private constructor(content: object) {
    Object.assign(this, content);
    Object.freeze(this);
  }

  static issue(content: object): Issued {
    return new Issued(content);
  }

  static has(query: object): boolean {
    return #issued in query;
  }
}

/** Makes a query on one partition. `extra` narrows: well-formed, not expired, the caller's filter. */
export function plannedQuery(partition: Partition, plans: readonly Plan[], extra: readonly Predicate[]): PlannedQuery {
  return Issued.issue({ partition, parts: [...conditions(plans), ...extra] }) as unknown as PlannedQuery;
}

/** Makes a query on the list of users. */
export function plannedUserQuery(tenant: string, plan: Plan, extra: readonly Predicate[]): PlannedUserQuery {
  return Issued.issue({ tenant, parts: [...conditions([plan]), ...extra] }) as unknown as PlannedUserQuery;
}

/** Makes an insert of records of one partition. */
export function plannedInsert(
  partition: Partition,
  records: readonly MemoryRecord[],
  atomic: boolean,
  epoch: number,
): PlannedInsert {
  return Issued.issue({ partition, records, atomic, epoch }) as unknown as PlannedInsert;
}

/**
 * What the guard planned, under the names that a store keeps it by. For stores alone.
 *
 * @throws MemwardenError internal where something else than the guard made the query
 */
export function inPlaceOf<Q extends PlannedQuery | PlannedUserQuery | PlannedInsert>(query: Q, names: Partial<Q>): Q {
  assertPlanned(query);
  return Issued.issue({ ...query, ...names }) as unknown as Q;
}

/** @throws MemwardenError internal where something else than the guard made the query */
export function assertPlanned(query: unknown): void {
  if (typeof query !== 'object' || query === null || !Issued.has(query)) throw new MemwardenError('internal');
}

function conditions(plans: readonly Plan[]): Predicate[] {
  if (plans.length === 0 || plans.some(isNone)) throw new MemwardenError('internal');
  return plans.map(conditionOf).filter((condition) => condition.kind !== 'true');
}

/** The fields that policies decide on, of whatever stands at an id. For S10's look alone. */
export type PolicyFields = Readonly<Record<string, unknown>>;

/** A past state of a memory, or the last one of a deleted memory. */
export interface StateRow {
  readonly record: MemoryRecord;
  /** Set on the last state of a memory that was deleted. */
  readonly deletedAt?: Date;
}

/** What to delete: a record as it was when it was decided on. */
export interface Target {
  readonly id: string;
  readonly version: number;
  /** What authenticates it as the last state of a deleted memory. */
  readonly last: Pick<MemoryRecord, 'key_id' | 'bare'>;
}

/** An update: the record as it was decided on, the same as a past state, and what comes in its place. */
export interface Replacement {
  readonly current: MemoryRecord;
  readonly kept: MemoryRecord;
  readonly next: MemoryRecord;
}

/** A row of the list of users. */
export interface UserRow {
  readonly userId: string;
  readonly createdAt: Date;
}

/**
 * The guard's way to memories. Every method but `look` and `revision` takes a plan. Each may throw the `store_*` errors of the
 * table; a write that throws them may have landed, and then it is there once and whole. A write throws `epoch_over`, and
 * nothing landed, where its epoch is below the partition's fence (S22).
 *
 * A store that can take something along (`join`) asks for it right before its commit, ends it right after, and holds it in the same commit where
 * the write takes effect as a whole, each record and target of it; where it does not, or where the place of it is taken, the
 * write is as without. MongoDB never asks: standalone servers have no transactions, and an act has the same steps on every
 * deployment.
 */
export interface PlannedStore {
  /** The record with this id that the query lets through. */
  findOne(query: PlannedQuery, id: string): Promise<MemoryRecord | null>;
  /** At most `limit` records after a place, newest first. */
  find(query: PlannedQuery, limit: number, after?: Position): Promise<MemoryRecord[]>;
  /** Those of some records that the query lets through, in no order. */
  findByIds(query: PlannedQuery, ids: readonly string[]): Promise<MemoryRecord[]>;
  /** How many records the query lets through. */
  count(query: PlannedQuery): Promise<number>;
  /** The past states of a memory that the query lets through, oldest first; the last one of a deleted memory is among them. */
  findStates(query: PlannedQuery, id: string): Promise<StateRow[]>;
  /** Stores records. */
  insert(insert: PlannedInsert, join?: Join): Promise<void>;
  /**
   * Puts `next` in the place of `current` if the query still lets the record through at its version; puts `kept` in
   * the history.
   *
   * @returns false where nothing matched, and then nothing changed
   */
  replace(query: PlannedQuery, replacement: Replacement, epoch: number, join?: Join): Promise<boolean>;
  /**
   * Deletes those targets that the query still lets through at their version, with the sealed fields of all their
   * states; the states in clear stay.
   *
   * @returns how many were deleted
   */
  remove(query: PlannedQuery, targets: readonly Target[], at: Date, epoch: number, join?: Join): Promise<number>;
  /** S10's one look: the policy fields of whatever stands there, for decision and audit, never for the caller. */
  look(partition: Partition, id: string): Promise<PolicyFields | null>;
  /** At most `limit` users after one, ordered by the UTF-8 bytes of their ids. */
  findUsers(query: PlannedUserQuery, limit: number, after?: string): Promise<UserRow[]>;
  /** The partition's revision (S18), or undefined while a write is under way; then no view may be kept. */
  revision(partition: Partition): Promise<number | undefined>;
}

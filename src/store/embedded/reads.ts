import { SEALED, type MemoryRecord } from '../../model/fields.js';
import { compile, type Test } from '../../model/evaluate.js';
import type { Predicate } from '../../model/predicate.js';
import type { Partition, Position } from '../partition.js';
import {
  assertPlanned,
  type PlannedQuery,
  type PlannedUserQuery,
  type PolicyFields,
  type StateRow,
  type UserRow,
} from '../planned.js';
import type { Tables } from './environment.js';
import { ofMemory, ofPartition } from './ranges.js';

const compiled = new WeakMap<Predicate, Test>();

function testOf(predicate: Predicate): Test {
  // What is new at each call (the time, a caller's filter) is one comparison, sooner compiled than kept.
  if (predicate.kind === 'compare' || predicate.kind === 'type') return compile(predicate);
  let test = compiled.get(predicate);
  if (!test) compiled.set(predicate, (test = compile(predicate)));
  return test;
}

/** What a planned query asks of a record, its partition included. */
export function matcher(query: PlannedQuery): (record: MemoryRecord | undefined) => record is MemoryRecord {
  assertPlanned(query);
  const { tenant, userId } = query.partition;
  const tests = query.parts.map(testOf);
  return (record): record is MemoryRecord =>
    record !== undefined &&
    record.user_id === userId &&
    record.tenant === tenant &&
    tests.every((test) => test(record as unknown as Readonly<Record<string, unknown>>));
}

/** Reading under a plan. */
export class EmbeddedReads {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  findOne(query: PlannedQuery, id: string): MemoryRecord | null {
    const matches = matcher(query);
    const { tenant, userId } = query.partition;
    this.#tables.root.resetReadTxn();
    const record = this.#tables.memories.get([tenant, userId, id]);
    return matches(record) ? record : null;
  }

  find(query: PlannedQuery, limit: number, after?: Position): MemoryRecord[] {
    const matches = matcher(query);
    const { tenant, userId } = query.partition;
    const { start: low, end: high } = ofPartition(query.partition);
    const start = after ? [tenant, userId, after.occurredAt.getTime(), after.id] : high;
    const found: MemoryRecord[] = [];
    this.#tables.root.resetReadTxn();
    for (const key of this.#tables.recent.getKeys({ start, end: low, reverse: true })) {
      const [, , at, id] = key as [string, string, number, string];
      if (after && at === after.occurredAt.getTime() && id === after.id) continue;
      const record = this.#tables.memories.get([tenant, userId, id]);
      if (matches(record) && found.push(record) === limit) break;
    }
    return found;
  }

  findByIds(query: PlannedQuery, ids: readonly string[]): MemoryRecord[] {
    const matches = matcher(query);
    const { tenant, userId } = query.partition;
    this.#tables.root.resetReadTxn();
    return ids.map((id) => this.#tables.memories.get([tenant, userId, id])).filter(matches);
  }

  count(query: PlannedQuery): number {
    const matches = matcher(query);
    let count = 0;
    this.#tables.root.resetReadTxn();
    for (const { value } of this.#tables.memories.getRange(ofPartition(query.partition)))
      if (matches(value)) count += 1;
    return count;
  }

  findStates(query: PlannedQuery, id: string): StateRow[] {
    const matches = matcher(query);
    this.#tables.root.resetReadTxn();
    const states: StateRow[] = [];
    for (const { value } of this.#tables.history.getRange(ofMemory(query.partition, id))) {
      if (matches(value.record)) states.push(value);
    }
    return states;
  }

  look(partition: Partition, id: string): PolicyFields | null {
    this.#tables.root.resetReadTxn();
    const record = this.#tables.memories.get([partition.tenant, partition.userId, id]);
    if (!record) return null;
    const fields: Record<string, unknown> = { ...record };
    for (const field of SEALED) delete fields[field];
    return fields;
  }

  findUsers(query: PlannedUserQuery, limit: number, after?: string): UserRow[] {
    assertPlanned(query);
    const tests = query.parts.map(testOf);
    const { tenant } = query;
    const users: UserRow[] = [];
    const { end } = { end: [tenant, '\u{10ffff}\u{10ffff}'] };
    this.#tables.root.resetReadTxn();
    for (const { key, value } of this.#tables.partitions.getRange({
      start: after === undefined ? [tenant] : [tenant, after],
      end,
    })) {
      const userId = key[1] as string;
      if (userId === after || !tests.every((test) => test({ user_id: userId }))) continue;
      if (users.push({ userId, createdAt: value.createdAt }) === limit) break;
    }
    return users;
  }

  revision(partition: Partition): number {
    this.#tables.root.resetReadTxn();
    return this.#tables.partitions.get([partition.tenant, partition.userId])?.revision ?? 0;
  }
}

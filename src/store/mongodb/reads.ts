import type { Document, Filter } from 'mongodb';
import { compile } from '../../model/evaluate.js';
import { SEALED, type MemoryRecord } from '../../model/fields.js';
import type { Partition, Position } from '../partition.js';
import {
  assertPlanned,
  type PlannedQuery,
  type PlannedUserQuery,
  type PolicyFields,
  type StateRow,
  type UserRow,
} from '../planned.js';
import type { Collections } from './collections.js';
import { SETTLED } from './connect.js';
import { translated } from './errors.js';
import { EQUAL_TO_STRING, translator } from './filter.js';
import { Gathered } from './gathered.js';
import { partitionId, toRecord, toState, type HistoryRow, type PartitionRow } from './rows.js';
import { RECENT } from './schema.js';

/** The index that finds one document by its id. */
export const BY_ID = { _id: 1 } as const;
// A document that a write is under way on does not exist yet, or no more.
const UNDER_WAY = { act: { $exists: true } };
// What equals owner or tenant in a query and is not it.
const OF_TENANTS = { tenant: { $type: 4 } };
const NOT_OF_PARTITION = [{ user_id: EQUAL_TO_STRING }, OF_TENANTS];
const NOT_AT_REST = [UNDER_WAY, ...NOT_OF_PARTITION];
const POLICY_FIELDS = Object.fromEntries(SEALED.map((field) => [field, 0]));

const memoryFilter = translator('_id');
const stateFilter = translator('memory_id');
const userFilter = translator('user_id');

/** The filter of a planned query: partition, plan, well-formed, not expired, caller, joined by one `$and` (invariant 6). */
export function filterOf(query: PlannedQuery, fields: Document = {}, more?: Document): Document {
  assertPlanned(query);
  const $and = memoryFilter.all(query.parts, NOT_AT_REST);
  if (more) $and.push(more);
  return { ...base(query.partition), ...fields, $and };
}

function base(partition: Partition): Document {
  return { user_id: partition.userId, tenant: partition.tenant };
}

/** Reading under a plan. */
export class MongoReads {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  async findOne(query: PlannedQuery, id: string): Promise<MemoryRecord | null> {
    const row = await translated(() =>
      this.#collections.memories.findOne(filterOf(query, { _id: id }), { ...SETTLED, hint: BY_ID }),
    );
    return row && toRecord(row);
  }

  async find(query: PlannedQuery, limit: number, after?: Position): Promise<MemoryRecord[]> {
    const filter = filterOf(query, {}, after && below(after));
    const rows = await translated(() =>
      this.#collections.memories
        .find(filter, { ...SETTLED, hint: RECENT, sort: { occurred_at: -1, _id: -1 }, limit, batchSize: limit + 1 })
        .toArray(),
    );
    return rows.map(toRecord);
  }

  async findByIds(query: PlannedQuery, ids: readonly string[]): Promise<MemoryRecord[]> {
    const filter = filterOf(query, { _id: { $in: ids } });
    const rows = await translated(() =>
      this.#collections.memories.find(filter, { ...SETTLED, hint: BY_ID, batchSize: ids.length + 1 }).toArray(),
    );
    return rows.map(toRecord);
  }

  async count(query: PlannedQuery): Promise<number> {
    return translated(() => this.#collections.memories.countDocuments(filterOf(query), { ...SETTLED, hint: RECENT }));
  }

  async findStates(query: PlannedQuery, id: string): Promise<StateRow[]> {
    assertPlanned(query);
    const parts = stateFilter.all(query.parts, NOT_OF_PARTITION);
    const filter = { ...base(query.partition), memory_id: id, $and: parts };
    const rows = await translated(() =>
      this.#collections.history.find(filter as Filter<HistoryRow>, { ...SETTLED, sort: { version: 1 } }).toArray(),
    );
    // Of one version: first the state, then that of the deleted memory.
    return rows
      .map(toState)
      .sort((a, b) => a.record.version - b.record.version || Number(!!a.deletedAt) - Number(!!b.deletedAt));
  }

  async look(partition: Partition, id: string): Promise<PolicyFields | null> {
    const row = await translated(() =>
      this.#collections.memories.findOne({ ...base(partition), _id: id, $and: [{ $nor: [OF_TENANTS] }] } as Document, {
        ...SETTLED,
        hint: BY_ID,
        projection: POLICY_FIELDS,
      }),
    );
    if (!row) return null;
    const { _id, act, ...rest } = row;
    return act ? null : { id: _id, ...rest };
  }

  async findUsers(query: PlannedUserQuery, limit: number, after?: string): Promise<UserRow[]> {
    assertPlanned(query);
    // A hostile row whose owner is no string sorts and compares in another type bracket and is passed over.
    const filter: Document = {
      tenant: query.tenant,
      user_id: { $type: 'string', $not: { $type: 'array' }, ...(after === undefined ? {} : { $gt: after }) },
      ...(query.parts.length ? { $and: query.parts.map(userFilter) } : {}),
    };
    const options = {
      ...SETTLED,
      hint: 'users',
      sort: { tenant: 1, user_id: 1 } as const,
      limit,
      projection: { user_id: 1, created_at: 1 },
    };
    const rows = await translated(() => this.#collections.partitions.find(filter, options).toArray());
    const matches = compile({ kind: 'and', of: query.parts });
    return rows
      .filter((row) => matches(row as unknown as Record<string, unknown>))
      .map((row) => ({ userId: row.user_id, createdAt: row.created_at }));
  }

  async revision(partition: Partition): Promise<number | undefined> {
    const row = await this.#revisions.ask(partition);
    if (!row) return 0;
    return row.writers?.length ? undefined : row.revision;
  }

  // Every search asks for one: those of one moment share the reading.
  readonly #revisions = new Gathered<Partition, PartitionRow | undefined>(
    { runs: 2, most: 100 },
    { patience: () => this.#collections.timeoutMs },
    async (asked) => {
      const owners = new Map(asked.map(({ item: { tenant, userId } }) => [partitionId(tenant, userId), userId]));
      const filter = { _id: { $in: [...owners.keys()] }, user_id: { $in: [...new Set(owners.values())] } };
      const options = {
        ...SETTLED,
        projection: { tenant: 1, user_id: 1, revision: 1, writers: 1 },
        batchSize: owners.size + 1,
      };
      const rows = await translated(() => this.#collections.partitions.find(filter, options).toArray());
      // On several shards another row may have the id of one.
      const inPlace = rows.filter((row) => row._id === partitionId(row.tenant, row.user_id));
      const found = new Map<string, PartitionRow>(inPlace.map((row) => [row._id, row]));
      for (const { item, resolve } of asked) resolve(found.get(partitionId(item.tenant, item.userId)));
    },
  );
}

// `$lte` beside the `$or` gives the index a bound to start from.
function below(position: Position): Document {
  const { occurredAt, id } = position;
  return {
    occurred_at: { $lte: occurredAt },
    $or: [{ occurred_at: { $lt: occurredAt } }, { occurred_at: occurredAt, _id: { $lt: id } }],
  };
}

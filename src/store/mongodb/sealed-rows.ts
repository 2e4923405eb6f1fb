import type { AnyBulkWriteOperation, Document, Filter } from 'mongodb';
import { SEALED, type MemoryRecord } from '../../model/fields.js';
import type { Resealing, RowCount, SealedRow } from '../maintenance.js';
import type { Partition } from '../partition.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { translated, unlessThere } from './errors.js';
import {
  buriedId,
  lastStateId,
  partitionId,
  stateId,
  toRecord,
  toState,
  type HistoryRow,
  type KeyRow,
  type MemoryRow,
} from './rows.js';
import { RECENT } from './schema.js';

const OPTIONS = { ...DURABLE, ...SIMPLE };
const ENVELOPE = [...SEALED, 'key_id', 'seal', 'bare'] as const;

/** Sealed rows on MongoDB: counted, deleted, and put under another key. */
export class MongoSealedRows {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  async partitions(after: Partition | undefined, limit: number): Promise<Partition[]> {
    const beyond = after && { $or: [{ tenant: { $gt: after.tenant } }, beyondUser(after)] };
    const options = { ...SETTLED, limit, hint: 'users', sort: { tenant: 1, user_id: 1 } as const };
    const rows = await translated(() => this.#collections.partitions.find(beyond ?? {}, options).toArray());
    return rows.map((row) => ({ tenant: row.tenant, userId: row.user_id }));
  }

  async estimate(): Promise<number> {
    return translated(() => this.#collections.memories.estimatedDocumentCount(SETTLED));
  }

  async memories(partition: Partition, after: MemoryRecord | undefined, limit: number): Promise<MemoryRecord[]> {
    const sort = { user_id: 1, occurred_at: -1, _id: -1 } as const;
    const whole = { ...ownerOf(partition), act: { $exists: false }, occurred_at: { $type: 'date' } } as Document;
    const at = after?.occurred_at;
    const later = { $or: [{ occurred_at: { $lt: at } }, { occurred_at: at, _id: { $lt: after?.id } }] };
    const filter = (after ? { $and: [whole, later] } : whole) as Filter<MemoryRow>;
    const options = { ...SETTLED, hint: RECENT, sort, limit };
    const rows = await translated(() => this.#collections.memories.find(filter, options).toArray());
    return rows.map(toRecord);
  }

  async touch(partition: Partition): Promise<void> {
    const raise = { $inc: { revision: 1 } };
    await translated(() => this.#collections.partitions.updateOne(keyOf(partition), raise, OPTIONS));
  }

  async fence(partition: Partition, epoch: number): Promise<void> {
    const update: Document = {
      $setOnInsert: { tenant: partition.tenant, created_at: new Date(), revision: 0 },
      $max: { fence: epoch },
      // The row stands for what was ordered, and goes with no late writer.
      $unset: { unproven: '' },
    };
    const run = () => this.#collections.partitions.updateOne(keyOf(partition), update, { ...OPTIONS, upsert: true });
    await translated(async () => {
      await unlessThere(run());
      // Where making the row lost a race, it is there now.
      await run();
    });
  }

  async bury(keyIds: readonly string[]): Promise<void> {
    const puts = keyIds.map((keyId) => ({
      updateOne: {
        filter: { _id: buriedId(keyId) },
        update: { $setOnInsert: { buried: true } },
        upsert: true,
        ...SIMPLE,
      },
    })) as unknown as AnyBulkWriteOperation<KeyRow>[];
    if (puts.length === 0) return;
    await translated(() => this.#collections.keys.bulkWrite(puts, { ...DURABLE, ordered: false }));
  }

  async tally(partition: Partition): Promise<RowCount> {
    const { memories, history } = this.#collections;
    const owner = ownerOf(partition);
    return translated(async () => ({
      memories: await memories.countDocuments(owner as Filter<MemoryRow>, SETTLED),
      states: await history.countDocuments(owner as Filter<HistoryRow>, SETTLED),
    }));
  }

  async sweep(partition: Partition, limit: number, keyIds?: readonly string[]): Promise<RowCount> {
    const owner = { ...ownerOf(partition), ...(keyIds ? { key_id: { $in: keyIds } } : {}) };
    const options = { ...SETTLED, limit, projection: { _id: 1 } };
    return translated(async () => {
      const counts = { memories: 0, states: 0 };
      for (const [name, kind] of [
        ['history', 'states'],
        ['memories', 'memories'],
      ] as const) {
        const collection = this.#collections[name] as unknown as Collections['memories'];
        const rows = await collection.find(owner as Filter<MemoryRow>, options).toArray();
        if (rows.length === 0) continue;
        const some = { user_id: partition.userId, _id: { $in: rows.map((row) => row._id) } };
        counts[kind] = (await collection.deleteMany(some, OPTIONS)).deletedCount;
      }
      return counts;
    });
  }

  async forget(partition: Partition): Promise<void> {
    await translated(() => this.#collections.partitions.deleteOne(keyOf(partition), OPTIONS));
  }

  // Looks at every row: after a restore alone.
  async partitionsUnder(keyIds: readonly string[], limit: number): Promise<Partition[]> {
    const found = new Map<string, Partition>();
    const filter = { key_id: { $in: keyIds } } as Document;
    const options = { ...SETTLED, limit, projection: { tenant: 1, user_id: 1 } };
    for (const name of ['memories', 'history'] as const) {
      const collection = this.#collections[name] as unknown as Collections['memories'];
      const rows = await translated(() => collection.find(filter, options).toArray());
      for (const row of rows)
        found.set(partitionId(row.tenant, row.user_id), { tenant: row.tenant, userId: row.user_id });
    }
    return [...found.values()].slice(0, limit);
  }

  async rowsNotUnder(partition: Partition, keyId: string | undefined, limit: number): Promise<SealedRow[]> {
    const { memories, history } = this.#collections;
    const filter = { ...ownerOf(partition), ...notUnder(keyId) };
    const options = { ...SETTLED, limit };
    return translated(async () => {
      const atRest = { ...filter, act: { $exists: false } } as Filter<MemoryRow>;
      const rows: SealedRow[] = (await memories.find(atRest, options).toArray()).map((row) => ({
        place: 'memory',
        record: toRecord(row),
      }));
      if (rows.length === limit) return rows;
      const states = await history
        .find(filter as Filter<HistoryRow>, { ...options, limit: limit - rows.length })
        .toArray();
      return [...rows, ...states.map((row) => ({ place: 'state' as const, ...toState(row) }))];
    });
  }

  async countNotUnder(partition: Partition, keyId: string | undefined): Promise<number> {
    const filter = { ...ownerOf(partition), ...notUnder(keyId) };
    return translated(async () => {
      const memories = await this.#collections.memories.countDocuments(filter, SETTLED);
      return memories + (await this.#collections.history.countDocuments(filter, SETTLED));
    });
  }

  async reseal(partition: Partition, changes: readonly Resealing[]): Promise<number> {
    let done = 0;
    for (const place of ['memory', 'state'] as const) {
      const updates = changes.filter(({ row }) => row.place === place).map((one) => update(partition, one));
      if (updates.length === 0) continue;
      const name = place === 'memory' ? 'memories' : 'history';
      const collection = this.#collections[name] as unknown as Collections['memories'];
      const options = { ...DURABLE, ordered: false };
      const result = await translated(() =>
        collection.bulkWrite(updates as unknown as AnyBulkWriteOperation<MemoryRow>[], options),
      );
      done += result.matchedCount;
    }
    return done;
  }
}

function update(partition: Partition, { row, next }: Resealing): Document {
  const { record, place } = row;
  const state = row.deletedAt ? lastStateId(record.id) : stateId(record.id, record.version);
  const filter = {
    user_id: partition.userId,
    _id: place === 'memory' ? record.id : state,
    version: record.version,
    key_id: record.key_id ?? { $exists: false },
    // What is on its way out has lost its sealed fields, and gets none back.
    ...(place === 'memory' ? { act: { $exists: false } } : { seal: { $exists: record.seal !== undefined } }),
  };
  return { updateOne: { filter, update: envelope(next), ...SIMPLE } };
}

function envelope(next: MemoryRecord): Document {
  const set: Document = {};
  const unset: Document = {};
  for (const field of ENVELOPE) {
    if (next[field] === undefined) unset[field] = '';
    else set[field] = next[field];
  }
  return { $set: set, ...(Object.keys(unset).length ? { $unset: unset } : {}) };
}

function notUnder(keyId: string | undefined): Document {
  return { key_id: keyId === undefined ? { $exists: false } : { $ne: keyId } };
}

function beyondUser({ tenant, userId }: Partition): Document {
  return { tenant, user_id: { $gt: userId } };
}

function ownerOf({ tenant, userId }: Partition): Document {
  return { user_id: userId, tenant };
}

function keyOf({ tenant, userId }: Partition): { _id: string; user_id: string } {
  return { _id: partitionId(tenant, userId), user_id: userId };
}

import type { Document } from 'mongodb';
import type { Partition } from '../partition.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { translated } from './errors.js';
import { partitionId, type PartitionRow } from './rows.js';
import type { Repair } from './repair.js';
import type { Steps } from '../steps.js';
import { RECENT } from './schema.js';
import type { Writers } from './writers.js';

const OPTIONS = { ...DURABLE, ...SIMPLE };
const BY_EXPIRY = { user_id: 1, expires_at: 1 } as const;

/** Purge and repair on MongoDB. */
export class MongoMaintenance {
  readonly #collections: Collections;
  readonly #writers: Writers;
  readonly #repair: Repair;
  readonly #step: Steps;

  constructor(collections: Collections, writers: Writers, repair: Repair, step: Steps) {
    this.#collections = collections;
    this.#writers = writers;
    this.#repair = repair;
    this.#step = step;
  }

  async partitionsToPurge(now: Date, limit: number, tenant?: string): Promise<Partition[]> {
    return this.#partitions({ next_expiry: { $lte: now }, ...of(tenant) }, limit);
  }

  async partitionsToRepair(before: Date, limit: number, tenant?: string): Promise<Partition[]> {
    const listed = await this.#partitions({ 'writers.at': { $lt: before }, ...of(tenant) }, limit);
    // Rows of a writer that was paused for longer than its lease, ended by a repair, and then died.
    const options = { ...SETTLED, limit, projection: { tenant: 1, user_id: 1 } };
    const left = this.#collections.memories.find({ 'act.at': { $lt: before }, ...of(tenant) }, options);
    const strays = (await translated(() => left.toArray())).map((row) => ({ tenant: row.tenant, userId: row.user_id }));
    const all = [...listed, ...strays].map((one) => [partitionId(one.tenant, one.userId), one] as const);
    return [...new Map(all).values()].slice(0, limit);
  }

  async purge(partition: Partition, now: Date, limit: number): Promise<{ deleted: number; done: boolean }> {
    const { memories, history } = this.#collections;
    const owner = ownerOf(partition);
    return translated(async () => {
      const due: Document = { ...owner, act: { $exists: false }, expires_at: { $lte: now } };
      const rows = await memories.find(due, { ...SETTLED, hint: BY_EXPIRY, limit, projection: { _id: 1 } }).toArray();
      const gone = { ...owner, deleted_at: { $exists: true }, expires_at: { $lte: now } };
      const states = await history.find(gone, { ...SETTLED, limit, projection: { memory_id: 1 } }).toArray();
      const ids = rows.map((row) => row._id);
      const some = ids.length > 0 || states.length > 0;
      const deleted = some
        ? await this.#purge(
            partition,
            due,
            ids,
            states.map((row) => row.memory_id),
          )
        : 0;
      const done = rows.length < limit && states.length < limit;
      if (done) await this.#settle(partition);
      return { deleted, done };
    });
  }

  async withdraw(partition: Partition, author: string, limit: number): Promise<{ deleted: number; done: boolean }> {
    const { memories, history } = this.#collections;
    const written = { ...ownerOf(partition), author };
    return translated(async () => {
      const due: Document = { ...written, act: { $exists: false } };
      const options = { ...SETTLED, hint: RECENT, limit, projection: { _id: 1 } };
      const rows = await memories.find(due, options).toArray();
      const states = await history.find(written, { ...SETTLED, limit, projection: { memory_id: 1 } }).toArray();
      const ids = rows.map((row) => row._id);
      const of = states.map((row) => row.memory_id);
      const deleted = ids.length + of.length > 0 ? await this.#purge(partition, due, ids, of) : 0;
      // What is on its way out, or in, goes with its writer; it is looked for again.
      const left = await memories.findOne(written, { ...SETTLED, projection: { _id: 1 } });
      return { deleted, done: left === null && states.length < limit };
    });
  }

  // Marked first, so that an update that was decided before the expiry cannot land on a memory without history.
  async #purge(
    partition: Partition,
    due: Document,
    ids: readonly string[],
    deleted: readonly string[],
  ): Promise<number> {
    const { memories, history } = this.#collections;
    const opened = await this.#writers.open(partition, new Date());
    if (!opened) return 0;
    const { writer } = opened;
    await this.#step('opened');
    const { token, at } = writer;
    const marked = { ...ownerOf(partition), 'act.token': token, 'act.at': { $exists: true } } as const;
    await memories.updateMany({ ...due, _id: { $in: ids } }, { $set: { act: { kind: 'delete', token, at } } }, OPTIONS);
    await this.#step('marked');
    const gone = await memories.find(marked, { ...SETTLED, projection: { _id: 1 } }).toArray();
    const all = [...gone.map((row) => row._id), ...deleted];
    await history.deleteMany({ ...ownerOf(partition), memory_id: { $in: all } }, OPTIONS);
    await this.#step('states removed');
    await memories.deleteMany(marked, OPTIONS);
    // An update that was decided before may have kept one more state in between.
    await history.deleteMany({ ...ownerOf(partition), memory_id: { $in: all } }, OPTIONS);
    await this.#step('removed');
    await this.#writers.end(partition, token);
    await this.#step('ended');
    return gone.length;
  }

  // The next expiry is put only if no write is under way or came in between: one that is has lowered it already, for a
  // memory that is not there yet.
  async #settle(partition: Partition): Promise<void> {
    const { partitions } = this.#collections;
    const key = { _id: partitionId(partition.tenant, partition.userId), user_id: partition.userId };
    const before = await partitions.findOne(key, SETTLED);
    if (!before || before.writers?.length) return;
    const owner = { ...ownerOf(partition), expires_at: { $type: 'date' } } as Document;
    const options = { ...SETTLED, sort: { user_id: 1, expires_at: 1 } as const, projection: { expires_at: 1 } };
    const [next, state] = await Promise.all([
      this.#collections.memories.findOne(owner, { ...options, hint: BY_EXPIRY }),
      this.#collections.history.findOne({ ...owner, deleted_at: { $exists: true } }, options),
    ]);
    const times = [next?.expires_at, state?.expires_at].filter((at) => at !== undefined);
    const earliest = times.sort((a, b) => a.getTime() - b.getTime())[0];
    const update = earliest ? { $set: { next_expiry: earliest } } : { $unset: { next_expiry: '' as const } };
    await partitions.updateOne({ ...key, revision: before.revision }, update, OPTIONS);
  }

  async repair(partition: Partition, before: Date): Promise<void> {
    await translated(() => this.#repair.repair(partition, before));
  }

  async #partitions(filter: Document, limit: number): Promise<Partition[]> {
    const options = { ...SETTLED, limit, projection: { tenant: 1, user_id: 1 } };
    const rows = await translated(() => this.#collections.partitions.find(filter, options).toArray());
    return rows.map((row: PartitionRow) => ({ tenant: row.tenant, userId: row.user_id }));
  }
}

function ownerOf({ tenant, userId }: Partition): { user_id: string; tenant: string } {
  return { user_id: userId, tenant };
}

function of(tenant: string | undefined): { tenant?: string } {
  return tenant === undefined ? {} : { tenant };
}

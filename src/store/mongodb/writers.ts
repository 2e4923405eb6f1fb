import { randomBytes } from 'node:crypto';
import type { Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Partition } from '../partition.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { isDuplicate } from './errors.js';
import { partitionId, type PartitionRow, type Writer } from './rows.js';

/** How long a writer that has not ended is taken to be alive, in milliseconds. */
export const WRITER_LEASE_MS = 60_000;

/**
 * The writers of a partition. Each write opens one before its effect and ends it after, and raises the revision both
 * times: a view built in between is not kept, and one built before is dropped (S18). A writer that never ends is how a
 * crash is found and repaired on a server without transactions.
 */
export class Writers {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  /**
   * Opens a writer; makes the partition's row if it is the first.
   *
   * @returns the writer, and whether another writer's lease has run out
   * @throws MemwardenError epoch_over where the key that was sealed under is in use no more (S22)
   */
  async open(
    partition: Partition,
    at: Date,
    { nextExpiry, memory, epoch }: { nextExpiry?: Date | undefined; memory?: string; epoch?: number } = {},
  ): Promise<{ writer: Writer; lapsed: boolean }> {
    const writer: Writer = { token: randomBytes(12).toString('hex'), at, ...(memory === undefined ? {} : { memory }) };
    const update: Document = {
      $setOnInsert: { tenant: partition.tenant, created_at: at },
      $inc: { revision: 1 },
      $push: { writers: writer },
      ...(nextExpiry ? { $min: { next_expiry: nextExpiry } } : {}),
    };
    const options = {
      ...DURABLE,
      ...SIMPLE,
      upsert: true,
      returnDocument: 'after',
      projection: { writers: 1 },
    } as const;
    // Behind its fence a row does not match, and making it anew ends at the id that is taken.
    const open = epoch === undefined ? {} : { fence: { $not: { $gt: epoch } } };
    const run = () => this.#collections.partitions.findOneAndUpdate({ ...key(partition), ...open }, update, options);
    let row: PartitionRow | null;
    try {
      row = await run();
    } catch (error) {
      // Two first writers race to make the row; the loser finds it there.
      if (!isDuplicate(error)) throw error;
      row = await run().catch((again: unknown) => {
        throw isDuplicate(again) ? new MemwardenError('epoch_over') : again;
      });
    }
    const oldest = Date.now() - WRITER_LEASE_MS;
    return { writer, lapsed: row?.writers?.some((one) => Number(one.at) < oldest) ?? false };
  }

  /**
   * Records that an insert of several is decided.
   *
   * @returns false where a repair has ended the writer in between
   */
  async commit(partition: Partition, writer: Writer): Promise<boolean> {
    const done = await this.#collections.partitions.updateOne(
      { ...key(partition), writers: { $elemMatch: { token: writer.token, abandoned: { $exists: false } } } },
      { $set: { 'writers.$.committed': true } },
      { ...DURABLE, ...SIMPLE },
    );
    return done.matchedCount === 1;
  }

  /**
   * Records that an insert of several will be taken back, unless it was decided before. A writer that has ended is
   * `gone`: what became of its insert cannot be told from here.
   */
  async abandon(partition: Partition, token: string): Promise<'abandoned' | 'committed' | 'gone'> {
    const done = await this.#collections.partitions.updateOne(
      { ...key(partition), writers: { $elemMatch: { token, committed: { $exists: false } } } },
      { $set: { 'writers.$.abandoned': true } },
      { ...DURABLE, ...SIMPLE },
    );
    if (done.matchedCount === 1) return 'abandoned';
    const row = await this.#collections.partitions.findOne({ ...key(partition), 'writers.token': token }, SETTLED);
    return row ? 'committed' : 'gone';
  }

  /** Ends a writer. */
  async end(partition: Partition, token: string): Promise<void> {
    await this.#collections.partitions.updateOne(
      key(partition),
      { $inc: { revision: 1 }, $pull: { writers: { token } } },
      { ...DURABLE, ...SIMPLE },
    );
  }

  /** The writers of a partition that were opened before a time. */
  async openedBefore(partition: Partition, before: Date): Promise<Writer[]> {
    const row = await this.#collections.partitions.findOne(key(partition), SETTLED);
    return (row?.writers ?? []).filter((writer) => writer.at < before);
  }
}

function key(partition: Partition): { _id: string; user_id: string } {
  return { _id: partitionId(partition.tenant, partition.userId), user_id: partition.userId };
}

/**
 * Whether a writer is still far from the end of its lease. One that was paused stops here: a repair may have ended it,
 * and nobody would look after what it does from now on.
 *
 * @throws MemwardenError store_timeout
 */
export function assertInTime(writer: Writer): void {
  if (Date.now() - writer.at.getTime() > WRITER_LEASE_MS / 2) throw new MemwardenError('store_timeout');
}

import { randomBytes } from 'node:crypto';
import type { Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Partition } from '../partition.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { landed } from './faults.js';
import { Gathered } from './gathered.js';
import { Openings, WRITERS } from './openings.js';
import { buriedId, partitionId, type Writer } from './rows.js';

/** How long a writer that has not ended is taken to be alive, in milliseconds. */
export const WRITER_LEASE_MS = 60_000;

/** What a writer is about to do. */
export interface WriterHints {
  readonly nextExpiry?: Date | undefined;
  readonly memory?: string;
  /** Of the user's key record; none where nothing is sealed. */
  readonly epoch?: number;
  readonly sealedUnder?: readonly string[];
}

interface Ending {
  readonly partition: Partition;
  readonly token: string;
}

/**
 * The writers of a partition. Each write opens one before its effect and ends it after, and raises the revision both
 * times: a view built in between is not kept, and one built before is dropped (S18). A writer that never ends is how a
 * crash is found and repaired on a server without transactions.
 */
export class Writers {
  readonly #collections: Collections;
  readonly #openings: Openings;

  constructor(collections: Collections) {
    this.#collections = collections;
    this.#openings = new Openings(collections);
  }

  /**
   * Opens a writer.
   *
   * @param hints `sealedUnder` where the partition's row is made if it is the first: the keys of what will be put
   * @returns the writer, and whether another writer's lease has run out; undefined where there is no such partition
   * @throws MemwardenError epoch_over where the key that was sealed under is in use no more (S22)
   */
  async open(
    partition: Partition,
    at: Date,
    { nextExpiry, memory, epoch, sealedUnder }: WriterHints = {},
  ): Promise<{ writer: Writer; lapsed: boolean } | undefined> {
    const writer: Writer = { token: randomBytes(12).toString('hex'), at, ...(memory === undefined ? {} : { memory }) };
    const update: Document = {
      // Whoever writes with an earlier key, of a user who was erased since, is behind it.
      $setOnInsert: { tenant: partition.tenant, created_at: at, ...(epoch === undefined ? {} : { fence: epoch }) },
      $inc: { revision: 1 },
      $push: { writers: writer },
      ...(nextExpiry ? { $min: { next_expiry: nextExpiry } } : {}),
    };
    // Behind its fence a row does not match, and making it anew ends at the id that is taken.
    const filter = { ...key(partition), ...(epoch === undefined ? {} : { fence: { $not: { $gt: epoch } } }) };
    const upsert = sealedUnder !== undefined;
    const opened = await this.#openings.open({ partition, writer, filter, update, upsert });
    if (!opened) {
      if (epoch !== undefined && (await this.#isThere(partition))) throw new MemwardenError('epoch_over');
      return undefined;
    }
    const { row, isNew } = opened;
    if (isNew && sealedUnder) await this.#assertAlive(partition, writer, sealedUnder, epoch ?? 0);
    const oldest = Date.now() - WRITER_LEASE_MS;
    return { writer, lapsed: row.writers?.some((one) => Number(one.at) < oldest) ?? false };
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
    await this.#endings.ask({ partition, token });
  }

  readonly #endings = new Gathered<Ending, undefined>(WRITERS, async (asked) => {
    const statements = asked.map(({ item: { partition, token } }) => ({
      updateOne: {
        filter: key(partition),
        update: { $inc: { revision: 1 }, $pull: { writers: { token } } },
        ...SIMPLE,
      },
    }));
    const { partitions } = this.#collections;
    const { faults } = await landed(partitions.bulkWrite(statements, { ...DURABLE, ordered: false }));
    for (const [place, { resolve, reject }] of asked.entries()) {
      const fault = faults.get(place);
      if (fault) reject(fault);
      else resolve(undefined);
    }
  });

  async #isThere(partition: Partition): Promise<boolean> {
    return (
      (await this.#collections.partitions.findOne(key(partition), { ...SETTLED, projection: { _id: 1 } })) !== null
    );
  }

  // Of a row that was just made: an erasure buries the keys before it takes the row away, so one of the two is seen.
  async #assertAlive(partition: Partition, writer: Writer, keyIds: readonly string[], epoch: number): Promise<void> {
    const { keys, partitions } = this.#collections;
    if (keyIds.length === 0) return;
    const buried = await keys.findOne({ _id: { $in: keyIds.map(buriedId) } }, { ...SETTLED, projection: { _id: 1 } });
    if (!buried) return;
    const close: Document = { $pull: { writers: { token: writer.token } }, $max: { fence: epoch + 1 } };
    await partitions.updateOne(key(partition), close, { ...DURABLE, ...SIMPLE });
    // Unless somebody whose key lives came in between.
    const alone = { ...key(partition), revision: 1, writers: { $size: 0 } };
    await partitions.deleteOne(alone, { ...DURABLE, ...SIMPLE });
    throw new MemwardenError('epoch_over');
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

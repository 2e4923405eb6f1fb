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

const OPTIONS = { ...DURABLE, ...SIMPLE };
const PROVEN = { unproven: { $exists: false } };

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
      $setOnInsert: {
        ...{ tenant: partition.tenant, created_at: at },
        ...(epoch === undefined ? {} : { fence: epoch }),
        ...(sealedUnder?.length ? { unproven: true } : {}),
      },
      $inc: { revision: 1 },
      $push: { writers: writer },
      ...(nextExpiry ? { $min: { next_expiry: nextExpiry } } : {}),
    };
    // Behind its fence a row does not match, and making it anew ends at the id that is taken.
    const upsert = sealedUnder !== undefined;
    const filter = {
      ...key(partition),
      ...(epoch === undefined ? {} : { fence: { $not: { $gt: epoch } } }),
      ...(upsert ? {} : PROVEN),
    };
    const opened = await this.#openings.open({ partition, writer, filter, update, upsert });
    if (!opened) {
      if (epoch !== undefined && (upsert || (await this.#isFenced(partition, epoch))))
        throw new MemwardenError('epoch_over');
      return undefined;
    }
    // One that is proven by the time that it is read was opened unproven, where its fence was raised in between.
    const isInDoubt = opened.unproven === true || (opened.fence ?? 0) > (epoch ?? 0);
    if (sealedUnder && isInDoubt) await this.#prove(partition, writer, sealedUnder, epoch ?? 0);
    const oldest = Date.now() - WRITER_LEASE_MS;
    return { writer, lapsed: opened.writers?.some((one) => Number(one.at) < oldest) ?? false };
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
      OPTIONS,
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
      OPTIONS,
    );
    if (done.matchedCount === 1) return 'abandoned';
    const row = await this.#collections.partitions.findOne({ ...key(partition), 'writers.token': token }, SETTLED);
    return row ? 'committed' : 'gone';
  }

  /** Ends a writer. */
  async end(partition: Partition, token: string): Promise<void> {
    await this.#endings.ask({ partition, token });
  }

  readonly #endings = new Gathered<Ending, undefined>(
    WRITERS,
    { patience: () => this.#collections.timeoutMs },
    async (asked) => {
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
    },
  );

  async #isFenced(partition: Partition, epoch: number): Promise<boolean> {
    const fenced = { ...key(partition), fence: { $gt: epoch } };
    return (await this.#collections.partitions.findOne(fenced, { ...SETTLED, projection: { _id: 1 } })) !== null;
  }

  // Of a row that nobody has proven: an erasure buries the keys before it takes the row away, so one of the two is seen.
  // Each that stands in it looks for its own keys, for whoever made it may not be the only one who is late.
  async #prove(partition: Partition, writer: Writer, keyIds: readonly string[], epoch: number): Promise<void> {
    const { keys, partitions } = this.#collections;
    const own = { ...key(partition), 'writers.token': writer.token };
    const ids = keyIds.map(buriedId);
    const buried =
      ids.length > 0 && (await keys.findOne({ _id: { $in: ids } }, { ...SETTLED, projection: { _id: 1 } }));
    if (!buried) {
      // The fence keeps those out who would come late to a row that they find proven.
      const proof: Document = { $unset: { unproven: '' }, $max: { fence: epoch } };
      const done = await partitions.updateOne(own, proof, OPTIONS);
      // A repair or an erasure came first.
      if (done.matchedCount === 0) throw new MemwardenError('store_timeout');
      return;
    }
    const late: Document = { $set: { 'writers.$.late': true }, $max: { fence: epoch + 1 } };
    await partitions.updateOne(own, late, OPTIONS);
    // Unless there is somebody whose key may live. What stands open in between is for a repair to end.
    const nobodyElse = {
      ...key(partition),
      unproven: true,
      writers: { $not: { $elemMatch: { late: { $exists: false } } } },
    };
    const { deletedCount } = await partitions.deleteOne(nobodyElse, OPTIONS);
    if (deletedCount === 0) await this.end(partition, writer.token);
    throw new MemwardenError('epoch_over');
  }

  /** Takes the row of a partition away where nobody has proven it, and none that could is younger than a time. */
  async dropUnproven(partition: Partition, before: Date): Promise<void> {
    const dead = { ...key(partition), unproven: true, writers: { $not: { $elemMatch: { at: { $gte: before } } } } };
    await this.#collections.partitions.deleteOne(dead, OPTIONS);
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

import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Partition } from '../partition.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { isDuplicate } from './errors.js';
import { landed } from './faults.js';
import { Gathered, type Asked } from './gathered.js';
import { partitionId, type PartitionRow, type Writer } from './rows.js';

/** A writer that is to be opened: the row that it stands in, and what is done to it. */
export interface Opening {
  readonly partition: Partition;
  readonly writer: Writer;
  readonly filter: Document;
  readonly update: Document;
  /** Whether the row is made where there is none. */
  readonly upsert: boolean;
}

/** The row with the writer in it. */
export type OpenedRow = Pick<PartitionRow, 'writers' | 'unproven' | 'fence'>;

type Wanted = Asked<Opening, OpenedRow | undefined>;

/** How the changes of writers are gathered; statements of some hundred bytes each. */
export const WRITERS = { runs: 2, most: 500 } as const;
// So few are opened sooner one by one: together they take a second round trip, which reads their rows.
const ALONE = 2;
const OPENED = { writers: 1, unproven: 1, fence: 1 } as const;

/** Opens the writers of one moment by one command, and reads their rows by another that is sent after it. */
export class Openings {
  readonly #collections: Collections;
  readonly #wanted = new Gathered<Opening, OpenedRow | undefined>(
    WRITERS,
    { patience: () => this.#collections.timeoutMs },
    async (wanted) => {
      if (wanted.length <= ALONE) await this.#alone(wanted);
      else await this.#together(wanted);
    },
  );

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  /** @returns undefined where no row matches, and none is to be made. @throws MemwardenError epoch_over, store_timeout */
  open(opening: Opening): Promise<OpenedRow | undefined> {
    return this.#wanted.ask(opening);
  }

  async #alone(wanted: readonly Wanted[]): Promise<void> {
    await Promise.all(wanted.map(({ item, resolve, reject }) => this.#one(item).then(resolve, reject)));
  }

  async #one({ filter, update, upsert }: Opening): Promise<OpenedRow | undefined> {
    const options = { ...DURABLE, ...SIMPLE, upsert, returnDocument: 'after', projection: OPENED } as const;
    const run = () => this.#collections.partitions.findOneAndUpdate(filter, update, options);
    try {
      return (await run()) ?? undefined;
    } catch (error) {
      // Two first writers race to make the row; the loser finds it there.
      if (!isDuplicate(error)) throw error;
      const row = await run().catch((again: unknown) => {
        throw isDuplicate(again) ? new MemwardenError('epoch_over') : again;
      });
      return row ?? undefined;
    }
  }

  async #together(wanted: readonly Wanted[]): Promise<void> {
    const { partitions } = this.#collections;
    const statements = wanted.map(({ item: { filter, update, upsert } }) => ({
      updateOne: { filter, update, upsert, ...SIMPLE },
    })) as unknown as AnyBulkWriteOperation<PartitionRow>[];
    const { faults } = await landed(partitions.bulkWrite(statements, { ...DURABLE, ordered: false }));
    const places = wanted.map(({ item: { partition } }) => partition);
    const rows = await partitions
      .find(
        {
          _id: { $in: [...new Set(places.map(({ tenant, userId }) => partitionId(tenant, userId)))] },
          user_id: { $in: [...new Set(places.map(({ userId }) => userId))] },
        },
        { ...SETTLED, projection: { tenant: 1, user_id: 1, ...OPENED }, batchSize: wanted.length + 1 },
      )
      .toArray();
    // On several shards another row may have the id of one.
    const inPlace = rows.filter((row) => row._id === partitionId(row.tenant, row.user_id));
    const rowOf = new Map<string, PartitionRow>(inPlace.map((row) => [row._id, row]));
    const failed = wanted.filter((_, place) => faults.has(place));
    for (const [place, { item, resolve, reject }] of wanted.entries()) {
      if (faults.has(place)) continue;
      const { partition, writer, upsert } = item;
      const row = rowOf.get(partitionId(partition.tenant, partition.userId));
      const isOpen = row?.writers?.some(({ token }) => token === writer.token);
      if (row && isOpen) resolve(row);
      // It was opened, and so late that a repair has ended it.
      else if (upsert) reject(new MemwardenError('store_timeout'));
      else resolve(undefined);
    }
    // Nothing of them was done; alone it is found out why.
    await this.#alone(failed);
  }
}

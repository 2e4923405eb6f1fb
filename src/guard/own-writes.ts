import type { Partition } from '../store/partition.js';
import type { PlannedStore } from '../store/planned.js';

/** Who hears of the writes of this process: the views that are kept. */
export interface WriteListener {
  /** A write has begun. */
  began(partition: Partition, write: Promise<unknown>): void;
  /** A write was acknowledged and raised the partition's revision once. */
  landed(partition: Partition, ids: readonly string[]): void;
  /** Of a write it is not known whether it landed, or it changed nothing. */
  unsure(partition: Partition): void;
}

/** The planned store, each write of which is told of before its caller hears that it was acknowledged. */
export function heard(store: PlannedStore, listener: WriteListener): PlannedStore {
  const tell = async <T>(
    partition: Partition,
    ids: readonly string[],
    write: () => Promise<T>,
    hasLanded: (result: T) => boolean,
  ): Promise<T> => {
    const writing = write();
    listener.began(partition, writing);
    try {
      const result = await writing;
      if (hasLanded(result)) listener.landed(partition, ids);
      else listener.unsure(partition);
      return result;
    } catch (error) {
      listener.unsure(partition);
      throw error;
    }
  };
  // One by one: a store that is closed refuses at the call, not here.
  return {
    findOne: (query, id) => store.findOne(query, id),
    find: (query, limit, after) => store.find(query, limit, after),
    findByIds: (query, ids) => store.findByIds(query, ids),
    count: (query) => store.count(query),
    findStates: (query, id) => store.findStates(query, id),
    findUsers: (query, limit, after) => store.findUsers(query, limit, after),
    look: (partition, id) => store.look(partition, id),
    revision: (partition) => store.revision(partition),
    insert: (insert, join) =>
      insert.records.length === 0
        ? store.insert(insert, join)
        : tell(
            insert.partition,
            insert.records.map(({ id }) => id),
            async () => store.insert(insert, join),
            () => true,
          ),
    replace: (query, replacement, epoch, join) =>
      tell(
        query.partition,
        [replacement.next.id],
        async () => store.replace(query, replacement, epoch, join),
        (done) => done,
      ),
    remove: (query, targets, at, epoch, join) =>
      targets.length === 0
        ? store.remove(query, targets, at, epoch, join)
        : tell(
            query.partition,
            targets.map(({ id }) => id),
            async () => store.remove(query, targets, at, epoch, join),
            (count) => count > 0,
          ),
  };
}

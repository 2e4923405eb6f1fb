import { LIST_ID } from '../model/space-list.js';
import type { SpaceLists } from '../model/space-lists.js';
import { isSpace } from '../model/space.js';
import type { MaintenanceStore, Resealing, SealedRow } from './maintenance.js';
import type { Partition } from './partition.js';

/**
 * Maintenance of users' memories and of those of shared spaces, which lie apart. Where all partitions are gone through,
 * users come first. The access list of a space is one of its sealed rows: it is sealed anew with them and goes with them.
 */
export function maintenanceApart(
  users: MaintenanceStore,
  spaces: MaintenanceStore,
  lists: SpaceLists,
): MaintenanceStore {
  const of = (partition: Partition) => (isSpace(partition) ? spaces : users);
  const both = async (limit: number, ask: (store: MaintenanceStore, limit: number) => Promise<Partition[]>) => {
    const found = await ask(users, limit);
    return found.length < limit ? [...found, ...(await ask(spaces, limit - found.length))] : found;
  };
  const listNotUnder = async (partition: Partition, keyId: string | undefined): Promise<SealedRow[]> => {
    if (!isSpace(partition)) return [];
    const record = (await lists.get(partition))?.record;
    const isUnder = keyId === undefined ? record?.key_id !== undefined : record?.key_id === keyId;
    return record && !isUnder ? [{ place: 'memory', record }] : [];
  };
  const resealList = async (partition: Partition, { row, next }: Resealing): Promise<number> => {
    const found = await lists.get(partition);
    const { version, key_id } = row.record;
    if (found?.record.version !== version || found.record.key_id !== key_id) return 0;
    return (await lists.replace(partition, found.place, next)) ? 1 : 0;
  };
  return {
    partitionsToPurge: (now, limit, tenant) => both(limit, (store, left) => store.partitionsToPurge(now, left, tenant)),
    purge: (partition, now, limit) => of(partition).purge(partition, now, limit),
    partitionsToRepair: (before, limit, tenant) =>
      both(limit, (store, left) => store.partitionsToRepair(before, left, tenant)),
    repair: (partition, before) => of(partition).repair(partition, before),
    async partitions(after, limit) {
      if (after && isSpace(after)) return spaces.partitions(after, limit);
      return both(limit, (store, left) => store.partitions(store === users ? after : undefined, left));
    },
    estimate: async () => (await users.estimate()) + (await spaces.estimate()),
    memories: (partition, after, limit) => of(partition).memories(partition, after, limit),
    withdraw: (partition, author, limit) => of(partition).withdraw(partition, author, limit),
    touch: (partition) => of(partition).touch(partition),
    fence: (partition, epoch) => of(partition).fence(partition, epoch),
    bury: (keyIds) => users.bury(keyIds),
    tally: (partition) => of(partition).tally(partition),
    async sweep(partition, limit, keyIds) {
      const gone = await of(partition).sweep(partition, limit, keyIds);
      if (isSpace(partition) && keyIds === undefined) await lists.remove(partition);
      return gone;
    },
    forget: (partition) => of(partition).forget(partition),
    partitionsUnder: (keyIds, limit) => both(limit, (store, left) => store.partitionsUnder(keyIds, left)),
    async rowsNotUnder(partition, keyId, limit) {
      const list = await listNotUnder(partition, keyId);
      const rows = list.length < limit ? await of(partition).rowsNotUnder(partition, keyId, limit - list.length) : [];
      return [...list, ...rows];
    },
    countNotUnder: async (partition, keyId) =>
      (await of(partition).countNotUnder(partition, keyId)) + (await listNotUnder(partition, keyId)).length,
    async reseal(partition, changes) {
      const isList = ({ row }: Resealing) => isSpace(partition) && row.record.id === LIST_ID;
      const rows = changes.filter((change) => !isList(change));
      let done = rows.length > 0 ? await of(partition).reseal(partition, rows) : 0;
      for (const change of changes.filter(isList)) done += await resealList(partition, change);
      return done;
    },
  };
}

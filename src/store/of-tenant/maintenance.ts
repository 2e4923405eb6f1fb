import { isSpace, spaceOwner } from '../../model/space.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import type { MaintenanceStore } from '../maintenance.js';
import type { Partition } from '../partition.js';
import { ownOf, refused } from './own.js';

const PAGE = 500;

/** Maintenance of the partitions of one tenant: none of another is listed, and none can be named. */
export function maintenanceOfTenant(store: MaintenanceStore, tenant: string): MaintenanceStore {
  const own = ownOf(tenant);
  const isOwn = (partition: Partition) => partition.tenant === tenant;
  // Users come before spaces, and among each those of a tenant lie together.
  const partitions = async (after: Partition | undefined, limit: number): Promise<Partition[]> => {
    const from = after && own(after);
    const users =
      from && isSpace(from)
        ? []
        : (await store.partitions(from ?? { tenant, userId: '' }, limit)).filter((one) => isOwn(one) && !isSpace(one));
    if (users.length === limit) return users;
    const last = from && isSpace(from) ? from : { tenant, userId: spaceOwner('') };
    const spaces = await store.partitions(last, limit - users.length);
    return [...users, ...spaces.filter(isOwn)];
  };
  return {
    partitionsToPurge: (now, limit) => store.partitionsToPurge(now, limit, tenant),
    purge: async (partition, now, limit) => store.purge(own(partition), now, limit),
    partitionsToRepair: (before, limit) => store.partitionsToRepair(before, limit, tenant),
    repair: async (partition, before) => store.repair(own(partition), before),
    partitions,
    // The store knows how many rows there are of all tenants together, which tells a tenant of the others.
    estimate: () => (tenant === DEFAULT_TENANT ? store.estimate() : counted(store, partitions)),
    memories: async (partition, after, limit) => store.memories(own(partition), after, limit),
    withdraw: async (partition, author, limit) => store.withdraw(own(partition), author, limit),
    touch: async (partition) => store.touch(own(partition)),
    fence: async (partition, epoch) => store.fence(own(partition), epoch),
    bury: (keyIds) => store.bury(keyIds),
    tally: async (partition) => store.tally(own(partition)),
    sweep: async (partition, limit, keyIds) => store.sweep(own(partition), limit, keyIds),
    forget: async (partition) => store.forget(own(partition)),
    partitionsUnder: refused,
    rowsNotUnder: async (partition, keyId, limit) => store.rowsNotUnder(own(partition), keyId, limit),
    countNotUnder: async (partition, keyId) => store.countNotUnder(own(partition), keyId),
    async reseal(partition, changes) {
      for (const { row, next } of changes) for (const record of [row.record, next]) own(record);
      return store.reseal(own(partition), changes);
    },
  };
}

async function counted(store: MaintenanceStore, list: MaintenanceStore['partitions']): Promise<number> {
  let count = 0;
  let after: Partition | undefined;
  for (;;) {
    const page = await list(after, PAGE);
    for (const partition of page) count += (await store.tally(partition)).memories;
    after = page.at(-1);
    if (page.length < PAGE) return count;
  }
}

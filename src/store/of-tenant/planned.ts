import type { PlannedQuery, PlannedStore } from '../planned.js';
import { ownOf } from './own.js';

/** The guard's way to the memories of one tenant: a query that names another's partition is not sent. */
export function plannedOfTenant(store: PlannedStore, tenant: string): PlannedStore {
  const own = ownOf(tenant);
  const asked = (query: PlannedQuery): PlannedQuery => {
    own(query.partition);
    return query;
  };
  // Each is asynchronous, so that a refusal is a rejection like every other.
  return {
    findOne: async (query, id) => store.findOne(asked(query), id),
    find: async (query, limit, after) => store.find(asked(query), limit, after),
    findByIds: async (query, ids) => store.findByIds(asked(query), ids),
    count: async (query) => store.count(asked(query)),
    findStates: async (query, id) => store.findStates(asked(query), id),
    async insert(insert, join) {
      own(insert.partition);
      for (const record of insert.records) own(record);
      return store.insert(insert, join);
    },
    async replace(query, replacement, epoch, join) {
      for (const record of [replacement.current, replacement.kept, replacement.next]) own(record);
      return store.replace(asked(query), replacement, epoch, join);
    },
    remove: async (query, targets, at, epoch, join) => store.remove(asked(query), targets, at, epoch, join),
    look: async (partition, id) => store.look(own(partition), id),
    findUsers: async (query, limit, after) => store.findUsers(own(query), limit, after),
    revision: async (partition) => store.revision(own(partition)),
  };
}

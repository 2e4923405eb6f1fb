import { isSpace } from '../model/space.js';
import type { Partition } from './partition.js';
import type { PlannedStore } from './planned.js';

/**
 * The memories of users and those of shared spaces, which lie apart: each call goes to where its partition's are.
 *
 * @param users has the list of users, in which no space stands
 */
export function plannedApart(users: PlannedStore, spaces: PlannedStore): PlannedStore {
  const of = (partition: Partition) => (isSpace(partition) ? spaces : users);
  // A query that nobody planned may hold anything; the store refuses it.
  const by = (query: { readonly partition: Partition } | null | undefined) =>
    query?.partition ? of(query.partition) : users;
  return {
    findOne: (query, id) => by(query).findOne(query, id),
    find: (query, limit, after) => by(query).find(query, limit, after),
    findByIds: (query, ids) => by(query).findByIds(query, ids),
    count: (query) => by(query).count(query),
    findStates: (query, id) => by(query).findStates(query, id),
    look: (partition, id) => of(partition).look(partition, id),
    findUsers: (query, limit, after) => users.findUsers(query, limit, after),
    revision: (partition) => of(partition).revision(partition),
    insert: (insert, join) => by(insert).insert(insert, join),
    replace: (query, replacement, epoch, join) => by(query).replace(query, replacement, epoch, join),
    remove: (query, targets, at, epoch, join) => by(query).remove(query, targets, at, epoch, join),
  };
}

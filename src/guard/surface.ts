/** How a member of the guard, or a method of the planned store, keeps to the way of a read. */
export type Kind =
  /** Sends only queries that carry a plan. */
  | 'planned'
  /** Sends queries that carry a plan, and asks whether the index that it keeps of their answers is fresh. */
  | 'planned_with_view'
  /** Sends queries that carry a plan, and asks whether something was written while it read. */
  | 'planned_until_settled'
  /** Sends queries that carry a plan and, on a miss by id, S10's look. */
  | 'planned_with_look'
  /** Stores only records whose creation was decided. */
  | 'decided_insert'
  /** Sends nothing. */
  | 'no_query'
  /** S10's look: policy fields alone, for decision and audit. */
  | 'look'
  /** Tells of no memory: the freshness of caches. */
  | 'freshness';

/** Every public member of the guard. */
export const GUARD_SURFACE: Readonly<Record<string, Kind>> = {
  access: 'no_query',
  space: 'no_query',
  createSpace: 'no_query',
  changeSpace: 'no_query',
  spaceList: 'no_query',
  spaces: 'no_query',
  accountOfSpace: 'no_query',
  share: 'planned_with_look',
  get: 'planned_with_look',
  list: 'planned',
  count: 'planned',
  search: 'planned_with_view',
  dropViews: 'no_query',
  viewStatistics: 'no_query',
  create: 'decided_insert',
  importMany: 'decided_insert',
  update: 'planned_with_look',
  remove: 'planned_with_look',
  removeMany: 'planned',
  history: 'planned_with_look',
  explainStored: 'planned_with_look',
  explainRecord: 'no_query',
  users: 'planned',
  usersAmong: 'planned',
  export: 'planned_until_settled',
  exportStands: 'freshness',
  exportHolds: 'planned',
  authored: 'no_query',
  spaceWeight: 'no_query',
  classify: 'planned',
  administer: 'no_query',
  countBoth: 'planned',
  under: 'no_query',
};

/** Every method of the planned store. */
export const STORE_SURFACE: Readonly<Record<string, Kind>> = {
  findOne: 'planned',
  find: 'planned',
  findByIds: 'planned',
  count: 'planned',
  findStates: 'planned',
  findUsers: 'planned',
  insert: 'decided_insert',
  replace: 'planned',
  remove: 'planned',
  look: 'look',
  revision: 'freshness',
};

import type { Connection } from 'mongoose';
import { SpaceLists } from '../../model/space-lists.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import { plannedApart } from '../apart.js';
import type { StoreDriver } from '../driver.js';
import { maintenanceApart } from '../maintenance-apart.js';
import type { MaintenanceStore } from '../maintenance.js';
import type { PlannedStore } from '../planned.js';
import { noSteps, type Steps } from '../steps.js';
import { MongoAudit } from './audit.js';
import { collectionsOf, sharedOf, type Collections } from './collections.js';
import { connect, type MongoOptions } from './connect.js';
import { diagnose } from './doctor.js';
import { translated } from './errors.js';
import { MongoMaintenance } from './maintenance.js';
import { assertMigrated, migrate } from './migrate.js';
import { MongoReads } from './reads.js';
import { MongoSealedRows } from './sealed-rows.js';
import { Repair } from './repair.js';
import { MongoService } from './service.js';
import { withTenantIds } from './tenant-ids.js';
import { MongoValues } from './values.js';
import { Writers } from './writers.js';
import { MongoWrites } from './writes.js';

/**
 * Opens a store on MongoDB (server 4.4 or later; standalone, replica set or sharded).
 *
 * @param steps called between the steps of acts; for tests that stop there
 * @throws MemwardenError store_unsafe, config_invalid, store_unavailable
 */
export async function openMongo(options: MongoOptions, steps: Steps = noSteps): Promise<StoreDriver> {
  const connection = await connect(options);
  const collections = collectionsOf(connection, options.timeoutMs);
  const values = new MongoValues(collections);
  const users = partsOf(collections, steps);
  const spaces = partsOf(sharedOf(collections, connection), steps);
  const lists = new SpaceLists(values);
  return {
    kind: 'mongodb',
    tenant: DEFAULT_TENANT,
    raises: 2,
    planned: plannedApart(users.planned, spaces.planned),
    maintenance: maintenanceApart(users.maintenance, spaces.maintenance, lists),
    service: new MongoService(collections),
    audit: new MongoAudit(collections),
    values,
    lists,
    migrate: () => patiently(options, migrate),
    assertMigrated: () => assertMigrated(collections),
    diagnose: () => patiently(options, diagnose),
    close: () => translated(() => connection.close()),
  };
}

function partsOf(collections: Collections, steps: Steps): Pick<StoreDriver, 'planned' | 'maintenance'> {
  const writers = new Writers(collections);
  const repair = new Repair(collections, writers);
  const reads = new MongoReads(collections);
  const writes = new MongoWrites(collections, writers, repair, steps);
  const planned: PlannedStore = {
    findOne: (query, id) => reads.findOne(query, id),
    find: (query, limit, after) => reads.find(query, limit, after),
    findByIds: (query, ids) => reads.findByIds(query, ids),
    count: (query) => reads.count(query),
    findStates: (query, id) => reads.findStates(query, id),
    look: (partition, id) => reads.look(partition, id),
    findUsers: (query, limit, after) => reads.findUsers(query, limit, after),
    revision: (partition) => reads.revision(partition),
    insert: (insert) => writes.insert(insert),
    replace: (query, replacement, epoch) => writes.replace(query, replacement, epoch),
    remove: (query, targets, at, epoch) => writes.remove(query, targets, at, epoch),
  };
  return withTenantIds({ planned, maintenance: maintenanceOf(collections, writers, repair, steps) });
}

function maintenanceOf(collections: Collections, writers: Writers, repair: Repair, steps: Steps): MaintenanceStore {
  const acts = new MongoMaintenance(collections, writers, repair, steps);
  const rows = new MongoSealedRows(collections);
  return {
    partitionsToPurge: (now, limit, tenant) => acts.partitionsToPurge(now, limit, tenant),
    purge: (partition, now, limit) => acts.purge(partition, now, limit),
    partitionsToRepair: (before, limit, tenant) => acts.partitionsToRepair(before, limit, tenant),
    repair: (partition, before) => acts.repair(partition, before),
    partitions: (after, limit) => rows.partitions(after, limit),
    estimate: () => rows.estimate(),
    memories: (partition, after, limit) => rows.memories(partition, after, limit),
    withdraw: (partition, author, limit) => acts.withdraw(partition, author, limit),
    touch: (partition) => rows.touch(partition),
    fence: (partition, epoch) => rows.fence(partition, epoch),
    bury: (keyIds) => rows.bury(keyIds),
    tally: (partition) => rows.tally(partition),
    sweep: (partition, limit, keyIds) => rows.sweep(partition, limit, keyIds),
    forget: (partition) => rows.forget(partition),
    partitionsUnder: (keyIds, limit) => rows.partitionsUnder(keyIds, limit),
    rowsNotUnder: (partition, keyId, limit) => rows.rowsNotUnder(partition, keyId, limit),
    countNotUnder: (partition, keyId) => rows.countNotUnder(partition, keyId),
    reseal: (partition, changes) => rows.reseal(partition, changes),
  };
}

// Indexes are made and collections are counted for as long as it takes, on a connection without a limit of time.
async function patiently<T>(
  options: MongoOptions,
  act: (connection: Connection, collections: Collections) => Promise<T>,
): Promise<T> {
  const connection = await connect({ ...options, maxPoolSize: 2, patient: true });
  try {
    return await act(connection, collectionsOf(connection, options.timeoutMs));
  } finally {
    await connection.close();
  }
}

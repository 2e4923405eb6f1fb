import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Finding } from '../../model/finding.js';
import { isWellFormed } from '../../model/well-formed.js';
import { SpaceLists } from '../../model/space-lists.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import { plannedApart } from '../apart.js';
import type { StoreDriver } from '../driver.js';
import { maintenanceApart } from '../maintenance-apart.js';
import type { MaintenanceStore } from '../maintenance.js';
import type { PlannedStore } from '../planned.js';
import type { ServiceStore } from '../service.js';
import { EmbeddedAudit } from './audit.js';
import { FORMAT, openTables, type Tables } from './environment.js';
import { atOnce, translated } from './errors.js';
import { EmbeddedMaintenance } from './maintenance.js';
import { permissions } from './permissions.js';
import { EmbeddedReads } from './reads.js';
import { EmbeddedSealedRows } from './sealed-rows.js';
import { EmbeddedService } from './service.js';
import { EmbeddedValues } from './values.js';
import { EmbeddedWrites } from './writes.js';

/** Where an embedded store lies. */
export interface EmbeddedOptions {
  /** A folder on a local disk. Several processes of one host may open it. */
  readonly path: string;
}

/**
 * Opens the embedded store (LMDB).
 *
 * @throws MemwardenError store_unsafe, store_unavailable, store_unwritable
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<StoreDriver> {
  const tables = await openTables(options.path);
  const users = partsOf(tables);
  const spaces = partsOf({ ...tables, ...tables.shared });
  const values = new EmbeddedValues(tables);
  const lists = new SpaceLists(values);
  return {
    kind: 'embedded',
    tenant: DEFAULT_TENANT,
    raises: 1,
    planned: plannedApart(users.planned, spaces.planned),
    maintenance: maintenanceApart(users.maintenance, spaces.maintenance, lists),
    service: serviceOf(tables),
    audit: new EmbeddedAudit(tables),
    values,
    lists,
    // There is one format: a fresh folder gets it, and one of another version is refused, not stamped over.
    migrate: () => translated(() => assertFormat(tables)),
    assertMigrated: () => translated(() => assertFormat(tables)),
    diagnose: () => translated(async () => [...diagnose(tables), await permissions(options.path)]),
    close: () => tables.close(),
  };
}

function partsOf(tables: Tables): Pick<StoreDriver, 'planned' | 'maintenance'> {
  const reads = new EmbeddedReads(tables);
  const writes = new EmbeddedWrites(tables);
  const planned: PlannedStore = {
    findOne: (query, id) => atOnce(() => reads.findOne(query, id)),
    find: (query, limit, after) => atOnce(() => reads.find(query, limit, after)),
    findByIds: (query, ids) => atOnce(() => reads.findByIds(query, ids)),
    count: (query) => atOnce(() => reads.count(query)),
    findStates: (query, id) => atOnce(() => reads.findStates(query, id)),
    look: (partition, id) => atOnce(() => reads.look(partition, id)),
    findUsers: (query, limit, after) => atOnce(() => reads.findUsers(query, limit, after)),
    revision: (partition) => atOnce(() => reads.revision(partition)),
    insert: (insert, join) => translated(() => writes.insert(insert, join)),
    replace: (query, replacement, epoch, join) => translated(() => writes.replace(query, replacement, epoch, join)),
    remove: (query, targets, at, epoch, join) => translated(() => writes.remove(query, targets, at, epoch, join)),
  };
  return { planned, maintenance: maintenanceOf(tables, writes) };
}

function serviceOf(tables: Tables): ServiceStore {
  const keys = new EmbeddedService(tables);
  return {
    currentKey: (purpose) => translated(() => keys.currentKey(purpose)),
    keyById: (id) => atOnce(() => keys.keyById(id)),
    bound: (name, value, until) => translated(() => keys.bound(name, value, until)),
    unbind: (family, time) => translated(() => keys.unbind(family, time)),
    storeId: () => translated(() => keys.storeId()),
    holdsKeyStore: () => atOnce(() => keys.holdsKeyStore()),
    erasureHead: () => atOnce(() => keys.erasureHead()),
    raiseErasureHead: (sequence) => translated(() => keys.raiseErasureHead(sequence)),
  };
}

function maintenanceOf(tables: Tables, writes: EmbeddedWrites): MaintenanceStore {
  const acts = new EmbeddedMaintenance(tables, writes);
  const rows = new EmbeddedSealedRows(tables);
  return {
    partitionsToPurge: (now, limit, tenant) => acts.partitionsToPurge(now, limit, tenant),
    purge: (partition, now, limit) => translated(() => acts.purge(partition, now, limit)),
    partitionsToRepair: () => acts.partitionsToRepair(),
    repair: () => acts.repair(),
    partitions: (after, limit) => atOnce(() => rows.partitions(after, limit)),
    estimate: () => atOnce(() => rows.estimate()),
    memories: (partition, after, limit) => atOnce(() => rows.memories(partition, after, limit)),
    withdraw: (partition, author, limit) => translated(() => acts.withdraw(partition, author, limit)),
    touch: (partition) => translated(() => rows.touch(partition)),
    fence: (partition, epoch) => translated(() => rows.fence(partition, epoch)),
    bury: (keyIds) => translated(() => rows.bury(keyIds)),
    tally: (partition) => atOnce(() => rows.tally(partition)),
    sweep: (partition, limit, keyIds) => translated(() => rows.sweep(partition, limit, keyIds)),
    forget: (partition) => translated(() => rows.forget(partition)),
    partitionsUnder: (keyIds, limit) => atOnce(() => rows.partitionsUnder(keyIds, limit)),
    rowsNotUnder: (partition, keyId, limit) => atOnce(() => rows.rowsNotUnder(partition, keyId, limit)),
    countNotUnder: (partition, keyId) => atOnce(() => rows.countNotUnder(partition, keyId)),
    reseal: (partition, changes) => translated(() => rows.reseal(partition, changes)),
  };
}

// A fresh folder needs no act of its own: the format is put where there is none.
async function assertFormat(tables: Tables): Promise<void> {
  const format = await tables.write(() => {
    const found = tables.service.get(['format']);
    if (found === undefined) tables.service.putSync(['format'], FORMAT);
    return found ?? FORMAT;
  });
  if (format !== FORMAT) throw new MemwardenError('store_not_migrated');
}

function diagnose(tables: Tables): Finding[] {
  const format = (tables.service.get(['format']) ?? FORMAT) as number;
  let malformed = 0;
  for (const { memories } of [tables, tables.shared]) {
    for (const { value } of memories.getRange()) {
      if (!isWellFormed(value as unknown as Readonly<Record<string, unknown>>)) malformed += 1;
    }
  }
  return [
    { check: 'deployment', ok: true, message: 'embedded store, synced at each commit' },
    { check: 'format', ok: format === FORMAT, message: `${format}; this version reads ${FORMAT}` },
    {
      check: 'malformed records',
      ok: malformed === 0,
      message:
        malformed === 0 ? 'none' : `${malformed} records are malformed; nobody can read them, find who wrote them`,
    },
  ];
}

import type { StoreDriver } from '../../../src/store/driver.js';
import type { Partition } from '../../../src/store/partition.js';
import { ALL } from '../../../src/model/plan.js';
import type { MemoryRecord } from '../../../src/model/fields.js';
import { plannedInsert, plannedUserQuery } from '../../../src/store/planned.js';
import { WELL_FORMED, unexpired } from '../../../src/model/well-formed.js';
import { at, everythingIn, namedIn, nextOf, recordOf, store, changeOf, targetsOf } from './records.js';

/** Calls every method of every port as the guard and the maintenance acts do; the keys name the methods. */
export function everyMethod(
  driver: StoreDriver,
  partition: Partition,
  leaveHalfDone: () => Promise<void>,
): Record<string, () => Promise<unknown>> {
  const { planned, maintenance, service } = driver;
  const query = everythingIn(partition, WELL_FORMED, unexpired(at(0)));
  const id = namedIn(partition);
  const record = (n: number) => recordOf(partition, id(`every-${n}`), { occurred_at: at(n), expires_at: at(100 + n) });
  const records: MemoryRecord[] = [1, 2, 3, 4, 5, 6].map(record);
  const [first, second, third, fourth] = records as [MemoryRecord, MemoryRecord, MemoryRecord, MemoryRecord];
  const position = { occurredAt: at(3), id: third.id };
  return {
    'planned.insert one': () => store(driver, [first], true),
    'planned.insert together': () => store(driver, records.slice(1, 4), true),
    'planned.insert apart': () => store(driver, records.slice(4)),
    'planned.insert taken': () => store(driver, [first, second], true).catch(() => undefined),
    'planned.findOne': () => planned.findOne(query, first.id),
    'planned.find first page': () => planned.find(query, 2),
    'planned.find next page': () => planned.find(query, 2, position),
    'planned.findByIds': () => planned.findByIds(query, [first.id, second.id]),
    'planned.count': () => planned.count(query),
    'planned.replace': () => planned.replace(query, changeOf(first, nextOf(first)), 0),
    'planned.replace too late': () => planned.replace(query, changeOf(first, nextOf(first)), 0),
    'planned.findStates': () => planned.findStates(query, first.id),
    'planned.look': () => planned.look(partition, first.id),
    'planned.remove one': () => planned.remove(query, targetsOf([second]), at(1), 0),
    'planned.remove many': () => planned.remove(query, targetsOf([third, fourth, nextOf(first)]), at(1), 0),
    'planned.replace what is gone': () => planned.replace(query, changeOf(second, nextOf(second)), 0),
    'planned.findUsers': () => planned.findUsers(plannedUserQuery(partition.tenant, ALL, []), 2, 'a'),
    'planned.revision': () => planned.revision(partition),
    'maintenance.partitionsToPurge': () => maintenance.partitionsToPurge(at(1), 2),
    'maintenance.purge': () => maintenance.purge(partition, at(1_000), 100),
    'maintenance.partitionsToRepair': () => maintenance.partitionsToRepair(at(1), 2),
    'maintenance.repair nothing': () => maintenance.repair(partition, at(1)),
    'maintenance.repair what died': async () => {
      await leaveHalfDone();
      await maintenance.repair(partition, new Date(Date.now() + 1));
    },
    'maintenance.partitions': () => maintenance.partitions(undefined, 2),
    'maintenance.estimate': () => maintenance.estimate(),
    'maintenance.memories': () => maintenance.memories(partition, undefined, 10),
    'maintenance.memories after one': () => maintenance.memories(partition, record(0), 10),
    'maintenance.withdraw': () => maintenance.withdraw(partition, 'nobody', 10),
    'maintenance.withdraw some': async () => {
      await store(driver, [recordOf(partition, id('every-authored'), { author: 'somebody' })]);
      await maintenance.withdraw(partition, 'somebody', 10);
    },
    'maintenance.touch': () => maintenance.touch(partition),
    'maintenance.bury': () => maintenance.bury(['0'.repeat(32)]),
    'maintenance.fence': () => maintenance.fence(partition, 1),
    'maintenance.tally': () => maintenance.tally(partition),
    'maintenance.rowsNotUnder': () => maintenance.rowsNotUnder(partition, 'a'.repeat(32), 10),
    'maintenance.countNotUnder': () => maintenance.countNotUnder(partition, undefined),
    'maintenance.partitionsUnder': () => maintenance.partitionsUnder(['a'.repeat(32)], 2),
    'maintenance.reseal': async () => {
      await driver.planned.insert(plannedInsert(partition, [record(7)], true, 1));
      const rows = await maintenance.rowsNotUnder(partition, 'a'.repeat(32), 10);
      await maintenance.reseal(
        partition,
        rows.map((row) => ({ row, next: { ...row.record, key_id: 'a'.repeat(32) } })),
      );
    },
    'maintenance.sweep': () => maintenance.sweep(partition, 10),
    'maintenance.forget': () => maintenance.forget(partition),
    'service.storeId': () => service.storeId(),
    'service.holdsKeyStore': () => service.holdsKeyStore(),
    'service.erasureHead': () => service.erasureHead(),
    'service.raiseErasureHead': () => service.raiseErasureHead(1),
    'service.unbind': () => service.unbind('every', new Date()),
    'service.bound': () => service.bound('every', 'yes'),
    'service.currentKey': () => service.currentKey(partition.userId),
    'service.keyById': () => service.keyById(partition.userId),
    migrate: () => driver.migrate(),
    assertMigrated: () => driver.assertMigrated(),
    diagnose: () => driver.diagnose(),
  };
}

/** The methods that a driver has, named as above. */
export function methodsOf(driver: StoreDriver): string[] {
  const own = (['migrate', 'assertMigrated', 'diagnose'] as const).filter((name) => name in driver);
  const ports = (['planned', 'maintenance', 'service'] as const).flatMap((port) => {
    const methods = [...Object.keys(driver[port]), ...Object.getOwnPropertyNames(Object.getPrototypeOf(driver[port]))];
    return methods.filter((name) => !(name in Object.prototype)).map((name) => `${port}.${name}`);
  });
  return [...new Set([...ports, ...own])].sort();
}

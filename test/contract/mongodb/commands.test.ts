import { beforeAll, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { isSpace } from '../../../src/model/space.js';
import { everyMethod, methodsOf } from '../support/every-method.js';
import { leaveHalfDone } from '../support/half-done.js';
import { nameOf, openMonitored } from '../support/monitor.js';
import { describeMongo, freshPartition, freshSpace } from '../support/stores.js';

const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'create', 'createIndexes', 'collMod'];
const READS = ['find', 'aggregate', 'distinct', 'count'];
/** What touches no document of ours. */
const NEITHER = [
  'connectionStatus',
  'hello',
  'buildInfo',
  'listCollections',
  'listIndexes',
  'endSessions',
  'enableSharding',
  'shardCollection',
];
const SIMPLE = { locale: 'simple' };

describeMongo('S17: what the store sends', (fixture) => {
  const sent = new Map<string, Document[]>();
  const all = () => [...sent].flatMap(([method, commands]) => commands.map((command) => ({ method, command })));
  const where = (names: readonly string[]) => all().filter(({ command }) => names.includes(nameOf(command)));

  beforeAll(async () => {
    const { driver, take } = await openMonitored(fixture().place);
    take();
    for (const partition of [freshPartition(), freshSpace()]) {
      const leave = () => leaveHalfDone(fixture().open, partition);
      for (const [method, call] of Object.entries(everyMethod(driver, partition, leave))) {
        await call();
        sent.set(`${method} ${isSpace(partition) ? 'in a space' : ''}`, take());
      }
    }
    await driver.close();
  }, 120_000);

  test('every method of every port was called, and sent something', () => {
    const called = [...new Set([...sent.keys()].map((name) => name.split(' ')[0]))].sort();
    expect(called).toEqual(methodsOf(fixture().driver));
    expect([...sent].filter(([, commands]) => commands.length === 0).map(([method]) => method)).toEqual([]);
  });

  test('what is of a space is asked of the collections of spaces alone, and of a user never of them', () => {
    const places = ['memories', 'history', 'partitions'];
    // These go through all partitions.
    const across = /partitions|estimate|diagnose|migrate|findUsers|list of users/i;
    for (const { method, command } of where([...READS, ...WRITES])) {
      const collection = String(command[nameOf(command)]);
      if (across.test(method) || !places.includes(collection.replace('shared_', ''))) continue;
      expect([method, collection, collection.startsWith('shared_')]).toEqual([
        method,
        collection,
        method.endsWith('in a space'),
      ]);
    }
  });

  test('no command is of a kind that this test does not know', () => {
    const known = [...WRITES, ...READS, ...NEITHER, 'getMore'];
    expect(all().filter(({ command }) => !known.includes(nameOf(command)))).toEqual([]);
  });

  test('every write is acknowledged by a majority and its journals', () => {
    const writes = where(WRITES);
    expect(new Set(writes.map(({ command }) => nameOf(command))).size).toBeGreaterThanOrEqual(5);
    for (const { method, command } of writes) {
      expect([method, nameOf(command), command['writeConcern']]).toEqual([
        method,
        nameOf(command),
        { w: 'majority', j: true },
      ]);
    }
  });

  test('every read is of what a majority has, from the primary', () => {
    const reads = where(READS);
    expect(new Set(reads.map(({ command }) => nameOf(command))).size).toBeGreaterThanOrEqual(2);
    for (const { method, command } of reads) {
      const preference = (command['$readPreference'] as Document | undefined)?.['mode'] ?? 'primary';
      const { readConcern } = command;
      expect([method, nameOf(command), readConcern, preference]).toEqual([
        method,
        nameOf(command),
        { level: 'majority' },
        'primary',
      ]);
    }
  });

  test('S3: every comparison is by the simple collation', () => {
    for (const { method, command } of where([...READS, 'findAndModify'])) {
      expect([method, command['collation']]).toEqual([method, SIMPLE]);
    }
    for (const { method, command } of where(['update', 'delete'])) {
      const parts = (command['updates'] ?? command['deletes']) as Document[];
      expect(parts.length).toBeGreaterThan(0);
      for (const part of parts) expect([method, part['collation']]).toEqual([method, SIMPLE]);
    }
  });

  test('invariant 6: a filter on memories joins its parts by one `$and` at the top, beside no other operator', () => {
    const filters = where(['find', 'aggregate', 'update']).flatMap(({ method, command }) => {
      if (!['memories', 'shared_memories'].includes(String(command[nameOf(command)])) || !method.startsWith('planned.'))
        return [];
      const match = (command['pipeline'] as Document[] | undefined)?.[0]?.['$match'] as Document | undefined;
      const updates = ((command['updates'] ?? []) as Document[]).map((update) => update['q'] as Document);
      return [command['filter'] as Document | undefined, match, ...updates].filter((filter) => filter !== undefined);
    });
    expect(filters.length).toBeGreaterThan(10);
    for (const filter of filters) {
      expect(Object.keys(filter).filter((key) => key.startsWith('$') && key !== '$and')).toEqual([]);
      expect(typeof filter['user_id']).toBe('string');
    }
  });
});

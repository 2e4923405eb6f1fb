import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient, type Db, type Document } from 'mongodb';
import { at, namedIn, recordOf, store } from '../support/records.js';
import { everyMethod } from '../support/every-method.js';
import { leaveHalfDone } from '../support/half-done.js';
import { nameOf, openMonitored } from '../support/monitor.js';
import { describeMongo, freshPartition } from '../support/stores.js';

const OWN = 40;
const OTHERS = 30;
const EXPLAINED = ['find', 'aggregate', 'distinct', 'update', 'delete', 'findAndModify'];
/** These go over all partitions and take no plan on memories: by their own indexes, which `limit` bounds. */
const ACROSS = [
  'planned.findUsers',
  'maintenance.partitions',
  'maintenance.partitionsToPurge',
  'maintenance.partitionsToRepair',
];
const NOT_OF_A_PARTITION = [
  ...ACROSS,
  // After a restore only, once for a thousand erasures: an index from keys to rows would cost every write.
  'maintenance.partitionsUnder',
  'service.currentKey',
  'service.holdsKeyStore',
  'service.keyById',
  'service.unbind',
  'migrate',
  'assertMigrated',
  'diagnose',
];

interface Shape {
  readonly method: string;
  readonly command: Document;
  readonly explained: Document;
}

describeMongo('G29: what `explain` says of every shape of a query', (fixture, { kind }) => {
  const shapes: Shape[] = [];
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const { place } = fixture();
    if (place.kind !== 'mongodb') throw new Error('not a MongoDB');
    const { driver, take } = await openMonitored(place);
    const partition = freshPartition();
    const expiring = (n: number) => ({ occurred_at: at(n), expires_at: at(900 + n) });
    for (const of of [...Array.from({ length: OTHERS }, freshPartition), partition]) {
      const id = namedIn(of);
      await store(
        driver,
        Array.from({ length: OWN }, (_, n) => recordOf(of, id(n), expiring(n))),
      );
    }
    const client = await new MongoClient(place.uri).connect();
    ends.push(
      () => client.close(),
      () => driver.close(),
    );
    const leave = () => leaveHalfDone(fixture().open, partition);
    const seen = new Set<string>();
    for (const [method, call] of Object.entries(everyMethod(driver, partition, leave))) {
      if (NOT_OF_A_PARTITION.includes(method) && !ACROSS.includes(method)) continue;
      take();
      await call();
      for (const command of take().filter((one) => EXPLAINED.includes(nameOf(one)))) {
        const shape = `${method} ${JSON.stringify(shapeOf(command))}`;
        if (seen.has(shape)) continue;
        seen.add(shape);
        shapes.push({ method, command, explained: await explain(client.db(), command) });
      }
    }
  }, 180_000);
  afterAll(async () => {
    for (const end of ends) await end();
  });

  const describeShape = ({ method, command }: Shape) =>
    `${method}: ${nameOf(command)} ${String(command[nameOf(command)])}`;

  test('there are enough shapes, and one of each kind', () => {
    expect(new Set(shapes.map(({ command }) => nameOf(command)))).toEqual(new Set(EXPLAINED));
    expect(shapes.length).toBeGreaterThan(30);
  });

  test('every shape goes along an index: no collection is scanned', () => {
    for (const shape of shapes) {
      const stages = valuesAt(shape.explained, 'stage');
      expect([describeShape(shape), stages.includes('COLLSCAN')]).toEqual([describeShape(shape), false]);
      expect([describeShape(shape), stages.some((stage) => stage === 'IXSCAN' || stage === 'IDHACK')]).toEqual([
        describeShape(shape),
        true,
      ]);
    }
  });

  test("no shape examines more keys than the partition's own", () => {
    for (const shape of shapes.filter(({ method }) => !ACROSS.includes(method))) {
      const examined = valuesAt(shape.explained, 'totalKeysExamined').map(Number);
      expect([describeShape(shape), examined.length > 0]).toEqual([describeShape(shape), true]);
      // The methods put up to 8 beside the 40; one key more is looked at to see that a scan has ended.
      expect([describeShape(shape), Math.max(...examined) <= OWN + 9 || examined]).toEqual([
        describeShape(shape),
        true,
      ]);
    }
  });

  test('a query on all partitions looks at no more keys than its limit asks for', () => {
    for (const shape of shapes.filter(({ method }) => ACROSS.includes(method))) {
      const examined = Math.max(...valuesAt(shape.explained, 'totalKeysExamined').map(Number));
      expect([describeShape(shape), examined <= OTHERS + 2]).toEqual([describeShape(shape), true]);
    }
  });

  if (kind === 'sharded')
    test('every shape of one partition goes to exactly one shard', () => {
      for (const shape of shapes.filter(({ method }) => !ACROSS.includes(method))) {
        expect([describeShape(shape), shardsOf(shape.explained)]).toEqual([describeShape(shape), [expect.any(String)]]);
      }
      const everywhere = shapes
        .filter(({ method }) => ACROSS.includes(method))
        .map(({ explained }) => shardsOf(explained).length);
      // So that this test is known to see a second shard where there is one.
      expect(Math.max(...everywhere)).toBe(2);
    });
});

async function explain(db: Db, command: Document): Promise<Document> {
  const { lsid: _l, $db: _d, $clusterTime: _c, txnNumber: _t, maxTimeMS: _m, writeConcern: _w, ...rest } = command;
  const { readConcern: _r, $readPreference: _p, ...asked } = rest;
  // The server explains one statement at a time; those of one batch of ours are of one shape.
  if (Array.isArray(asked['updates'])) asked['updates'] = asked['updates'].slice(0, 1);
  return db.command({ explain: asked, verbosity: 'executionStats' });
}

/** A command without its values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null || value instanceof Date) return typeof value;
  const { lsid: _l, $clusterTime: _c, txnNumber: _t, maxTimeMS: _m, ...rest } = value as Document;
  return Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, shapeOf(part)]));
}

/** Every value of a key in the plan that won and its statistics, however deep. */
function valuesAt(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    if (name === 'rejectedPlans' || name === 'parsedQuery' || name === 'command') return [];
    return name === key ? [value] : valuesAt(value, key);
  });
}

function shardsOf(explained: Document): string[] {
  const found = valuesAt(explained, 'shards').flatMap((shards) =>
    Array.isArray(shards) ? shards.map((shard: Document) => String(shard['shardName'])) : Object.keys(shards as object),
  );
  return [...new Set(found)];
}

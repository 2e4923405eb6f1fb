import { afterEach, expect, test } from '@jest/globals';
import { admin, hello } from '../../support/mongo/binary.js';
import type { Partition } from '../../../src/model/partition.js';
import { startReplicaSet, startStandalone, type Deployment } from '../../support/mongo/deployment.js';
import { describeWithOwnServers, freshDatabase } from '../../support/mongo/describe.js';
import { openPlace } from '../support/place.js';
import { codeOf, everythingIn, namedIn, recordOf, store } from '../support/records.js';
import { startFailingProxy } from './support/failing-proxy.js';
import { freshPartition } from '../support/stores.js';

const TIMEOUT_MS = 3_000;

// A server that stands still is in test/chaos; a taken id is in writes.test.ts.
describeWithOwnServers('Typed errors of a MongoDB server that fails', () => {
  let deployment: Deployment | undefined;
  afterEach(() => deployment?.stop());
  const setUp = async (started: Deployment) => {
    deployment = started;
    const place = { kind: 'mongodb', uri: freshDatabase(started.uri).uri, timeoutMs: TIMEOUT_MS } as const;
    const driver = await openPlace(place);
    await driver.migrate();
    const partition = freshPartition();
    let count = 0;
    const write = () => codeOf(store(driver, [recordOf(partition, namedIn(partition)((count += 1)))]));
    const read = () => codeOf(driver.planned.find(everythingIn(partition), 9));
    expect(await write()).toBeUndefined();
    return { place, driver, write, read };
  };

  test('a server that is gone is unavailable, to a driver that knew it and to one that comes', async () => {
    const { place, driver, write, read } = await setUp(await startStandalone());
    await deployment?.processes[0]?.kill('SIGKILL');
    expect([await read(), await write(), await read()]).toEqual(Array(3).fill('store_unavailable'));
    expect(await codeOf(openPlace(place))).toBe('store_unavailable');
    await deployment?.processes[0]?.start();
    expect([await write(), await read()]).toEqual([undefined, undefined]);
    await driver.close();
  }, 120_000);

  test.each([
    ['that cuts the connection', 'cut', 'store_unavailable', 0],
    ['that does not answer in time', 'unanswered', 'store_timeout', 1],
  ] as const)(
    'a server %s is told of as such, of a write alone and of each of several',
    async (_, how, code, landed) => {
      deployment = await startStandalone();
      const proxy = await startFailingProxy(deployment.processes[0]!.port);
      const uri = freshDatabase(`mongodb://127.0.0.1:${proxy.port}/`).uri;
      const driver = await openPlace({ kind: 'mongodb', uri, timeoutMs: 1_000 });
      try {
        await driver.migrate();
        const partitions = [1, 2, 3, 4, 5].map(() => freshPartition());
        let count = 0;
        const insert = (partition: Partition, many = 1, atomic = true) => {
          const records = Array.from({ length: many }, () => recordOf(partition, namedIn(partition)((count += 1))));
          return codeOf(store(driver, records, atomic));
        };
        const all = <T>(one: (partition: Partition) => Promise<T>) => Promise.all(partitions.map(one));
        const there = () => all(async (one) => (await driver.planned.find(everythingIn(one), 99)).length);
        expect(new Set(await all((partition) => insert(partition)))).toEqual(new Set([undefined]));
        const [first] = partitions;
        for (const failing of [['insert'], ['update'], ['findAndModify', 'update', 'insert']]) {
          proxy.fail(failing, how);
          const alone = await insert(first!);
          const before = failing[0] === 'insert' && (await there());
          const together = await all((partition) => insert(partition));
          // Whoever is told of a time-out may look up what became of it.
          if (before) expect(await there()).toEqual(before.map((held) => held + landed));
          const several = await Promise.all([true, false].map((atomic) => insert(first!, 3, atomic)));
          proxy.fail([], how);
          expect([failing, alone, ...together, ...several]).toEqual([failing, ...Array<string>(8).fill(code)]);
        }
        expect(new Set(await all((partition) => insert(partition)))).toEqual(new Set([undefined]));
      } finally {
        await driver.close();
        proxy.stop();
      }
    },
    60_000,
  );

  test('a set between two primaries says that the server is not the primary', async () => {
    const { place, driver, write, read } = await setUp(await startReplicaSet({ members: 3 }));
    const servers = deployment?.processes ?? [];
    const replies = await Promise.all(servers.map(async (server) => ({ server, reply: await hello(server.port) })));
    for (const { server, reply } of replies) {
      if (reply?.secondary) await admin(server.port, (db) => db.command({ replSetFreeze: 60 }));
    }
    const primary = replies.find(({ reply }) => reply?.isWritablePrimary)?.server;
    await admin(primary!.port, (db) => db.command({ replSetStepDown: 60, secondaryCatchUpPeriodSecs: 5, force: true }));
    expect([await write(), await read()]).toEqual(['store_not_primary', 'store_not_primary']);
    expect(await codeOf(openPlace(place))).toBe('store_not_primary');
    for (const { port } of servers) await admin(port, (db) => db.command({ replSetFreeze: 0 })).catch(() => undefined);
    for (const deadline = Date.now() + 60_000; (await write()) !== undefined;)
      expect(Date.now()).toBeLessThan(deadline);
    expect(await read()).toBeUndefined();
    await driver.close();
  }, 180_000);
});

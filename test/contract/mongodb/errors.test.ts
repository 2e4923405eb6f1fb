import { afterEach, expect, test } from '@jest/globals';
import { admin, hello } from '../../support/mongo/binary.js';
import { startReplicaSet, startStandalone, type Deployment } from '../../support/mongo/deployment.js';
import { describeWithOwnServers, freshDatabase } from '../../support/mongo/describe.js';
import { openPlace } from '../support/place.js';
import { codeOf, everythingIn, namedIn, recordOf, store } from '../support/records.js';
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

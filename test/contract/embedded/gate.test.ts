import '../../support/fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openEmbedded } from '../../../src/store/embedded/driver.js';
import { Gate } from '../../../src/store/embedded/gate.js';
import { everythingIn, idsOf, namedIn, recordOf, store } from '../support/records.js';
import { start } from '../support/spawn.js';
import { freshPartition } from '../support/stores.js';

let path: string;
beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'memwarden-gate-'))));
afterEach(() => rmSync(path, { recursive: true, force: true }));

test('G28: a process opens the store only while nobody commits, for an opening can undo a commit that it overlaps', async () => {
  const driver = await openEmbedded({ path });
  await driver.migrate();
  const gate = await Gate.open(join(path, 'gate'));
  let leave = () => {};
  const inside = new Promise<void>((done) => (leave = done));
  const entered = new Promise<void>((done) => {
    void gate.enter(() => {
      done();
      return inside;
    });
  });
  await entered;
  const child = start({ place: { kind: 'embedded', path }, task: 'key', args: { purpose: 'gate' } });
  const partition = freshPartition();
  let written = false;
  const write = store(driver, [recordOf(partition, namedIn(partition)(1))]).then(() => (written = true));
  await sleep(3_000);
  expect([child.lines, written]).toEqual([[], false]);
  leave();
  await write;
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(child.lines).toHaveLength(1);
  await gate.close();
  await driver.close();
}, 60_000);

// Without one lock a process the main thread stood still here, and this test with it.
test('a store that is opened again in the same process waits for what is being committed, as one at a time', async () => {
  const driver = await openEmbedded({ path });
  await driver.migrate();
  const gate = await Gate.open(join(path, 'gate'));
  let leave = () => {};
  let inside = 0;
  let most = 0;
  const work = async (until: Promise<void> | undefined) => {
    most = Math.max(most, (inside += 1));
    await until;
    inside -= 1;
  };
  const held = gate.enter(() => work(new Promise<void>((done) => (leave = done))));
  const other = await Gate.open(join(path, 'gate'));
  let opened = false;
  const again = openEmbedded({ path }).then((one) => ((opened = true), one));
  const others = [gate, other, other].map((one) => one.enter(() => work(undefined)));
  await sleep(50);
  expect([opened, inside]).toEqual([false, 1]);
  leave();
  await Promise.all([held, ...others]);
  expect(most).toBe(1);
  const second = await again;
  const writes = [driver, second].map((one, n) => one.service.currentKey(`purpose ${n}`));
  for (const one of [gate, other, driver]) await one.close();
  // Who closes leaves the lock to the others.
  expect(await second.service.keyById((await Promise.all(writes))[0]!.id)).toBeDefined();
  await second.service.currentKey('last');
  await second.close();
}, 60_000);

test('a process that is killed inside the gate leaves it open to the others', async () => {
  const driver = await openEmbedded({ path });
  await driver.migrate();
  const partition = freshPartition();
  const child = start({ place: { kind: 'embedded', path }, task: 'stay', args: { path } });
  await child.line((line) => line === 'inside');
  const write = store(driver, [recordOf(partition, namedIn(partition)(1))]);
  child.process.kill('SIGKILL');
  await child.ended;
  await write;
  expect(idsOf(await driver.planned.find(everythingIn(partition), 9))).toEqual([namedIn(partition)(1)]);
  await driver.close();
}, 60_000);

test('processes that open a fresh store at once all get it', async () => {
  const place = { kind: 'embedded', path: join(path, 'fresh') } as const;
  const children = Array.from({ length: 6 }, () => start({ place, task: 'key', args: { purpose: 'p' } }));
  for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(new Set(children.flatMap(({ lines }) => lines)).size).toBe(1);
}, 60_000);

test('of writes of one turn, one that throws takes back its own only', async () => {
  const driver = await openEmbedded({ path });
  await driver.migrate();
  const partition = freshPartition();
  const id = namedIn(partition);
  const inserts = [1, 2, 1, 3].map((n) => store(driver, [recordOf(partition, id(n))], true));
  const outcomes = await Promise.allSettled(inserts);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await driver.planned.count(everythingIn(partition))).toBe(3);
  expect(await driver.planned.revision(partition)).toBe(3);
  await driver.close();
});

test('stores of one process that write at once do not wait for each other for ever', async () => {
  const drivers = await Promise.all(Array.from({ length: 6 }, (_, n) => openEmbedded({ path: join(path, String(n)) })));
  const same = await openEmbedded({ path: join(path, '0') });
  const all = [...drivers, same];
  for (const driver of all) await driver.migrate();
  for (let round = 0; round < 5; round += 1)
    await Promise.all(all.map((driver) => driver.service.currentKey(`purpose ${round}`)));
  for (const driver of all) await driver.close();
}, 30_000);

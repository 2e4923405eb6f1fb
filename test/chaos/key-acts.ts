import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReplicaSet } from '../support/mongo/deployment.js';
import { start } from '../contract/support/spawn.js';
import type { Place } from '../contract/support/place.js';
import { openWarden, type Warden } from '../../src/warden.js';
import { atOnce, wardenOptions } from '../support/key-folder.js';
import { chance, type Scenario } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
const MEMORIES = 300;

/** Makes a store of a scenario's own. */
export type Places = () => Promise<{ place: Place; end: () => Promise<void> }>;

/** G14: a process that rotates keys dies at random moments; resumed, nothing is unreadable. */
export const rotationKill =
  (places: Places): Scenario =>
  async (setting) => {
    const random = chance(setting, 14);
    return onWarden(places, async (place, folder, open) => {
      let kills = 0;
      const warden = await open();
      const memory = warden.scope(ADMIN, 'alice');
      for (let n = 0; n < MEMORIES; n += 100)
        await memory.addMany(Array.from({ length: 100 }, (_, i) => ({ content: `memory ${n + i}` })));
      const { id } = await memory.add('first');
      await memory.update(id, { content: 'second' });
      for (let round = 0; round < setting.rounds; round += 1) {
        const child = start({ place, task: 'rotate', args: { place, folder, user: 'alice' } });
        await child.line((line) => line === 'begins');
        await sleep(random() * 120);
        child.process.kill('SIGKILL');
        if ((await child.ended).signal === 'SIGKILL') kills += 1;
        const texts = await everything(warden);
        assert.equal(texts.length, MEMORIES + 1, `round ${round}`);
      }
      await warden.keys.rotateUser(ADMIN, 'alice');
      assert.equal((await everything(warden)).length, MEMORIES + 1);
      assert.equal((await memory.history(id)).length, 2);
      assert.equal((await warden.keys.status(ADMIN)).retiring, 0);
      assert.equal(warden.alarmCount('malformed_record'), 0);
      return { kills, unreadable: 0 };
    });
  };

/** G21: a process that erases a user dies at random moments; resumed, nothing of the user is left, and all of others. */
export const erasureKill =
  (places: Places): Scenario =>
  async (setting) => {
    const random = chance(setting, 21);
    return onWarden(places, async (place, folder, open) => {
      let kills = 0;
      const warden = await open();
      const bob = warden.scope(ADMIN, 'bob');
      await bob.addMany(Array.from({ length: 50 }, (_, n) => ({ content: `of bob ${n}` })));
      for (let round = 0; round < setting.rounds; round += 1) {
        const user = `alice-${round}`;
        const memory = warden.scope(ADMIN, user);
        await memory.addMany(Array.from({ length: 60 }, (_, n) => ({ content: `of ${user} ${n}` })));
        const child = start({ place, task: 'erase', args: { place, folder, user } });
        await child.line((line) => line === 'begins');
        await sleep(random() * 60);
        child.process.kill('SIGKILL');
        if ((await child.ended).signal === 'SIGKILL') kills += 1;
        await warden.keys.resumeErasures(ADMIN);
        await warden.keys.erase(ADMIN, user);
        assert.deepEqual((await memory.list()).memories, [], user);
        const { users } = await warden.users(ADMIN, { limit: 1_000 });
        assert.deepEqual(
          users.map(({ userId }) => userId),
          ['bob'],
        );
      }
      assert.equal((await bob.list({ limit: 100 })).memories.length, 50);
      return { kills, left: 0 };
    });
  };

/** Runs on a store and a folder of keys of its own; what it opens is closed after it. */
export async function onWarden<T>(
  places: Places,
  work: (place: Place, folder: string, open: () => Promise<Warden>) => Promise<T>,
): Promise<T> {
  const { place, end } = await places();
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-key-acts-'));
  const opened: Warden[] = [];
  try {
    return await work(place, folder, async () => {
      const warden = await openWarden(wardenOptions(place, folder), atOnce);
      opened.push(warden);
      return warden;
    });
  } finally {
    for (const warden of opened) await warden.close();
    rmSync(folder, { recursive: true, force: true });
    await end();
  }
}

async function everything(warden: Warden): Promise<(string | undefined)[]> {
  const memory = warden.scope(ADMIN, 'alice');
  const texts: (string | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const page = await memory.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    texts.push(...page.memories.map(({ content }) => content));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return texts;
}

/** A fresh embedded store. */
export function onFolder(): Promise<{ place: Place; end: () => Promise<void> }> {
  const path = mkdtempSync(join(tmpdir(), 'memwarden-chaos-'));
  const end = () => Promise.resolve(rmSync(path, { recursive: true, force: true }));
  return Promise.resolve({ place: { kind: 'embedded', path: join(path, 'data') }, end });
}

/** A replica set of its own. */
export async function onReplicaSet(): Promise<{ place: Place; end: () => Promise<void> }> {
  const deployment = await startReplicaSet({ members: 1 });
  const uri = deployment.uri.replace(/\/(?=\?|$)/, '/memwarden_chaos_keys');
  return { place: { kind: 'mongodb', uri, timeoutMs: 20_000 }, end: () => deployment.stop() };
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ADMIN, agentOf, describeOnEachStore, outcome, type Open } from '../support/warden.js';
import { noWait, ringOf, rowsOf } from './support.js';

async function withHistory(open: Open, acts: Parameters<Open>[0] = {}) {
  const wait = noWait();
  const opened = await open({ acts: { wait }, ...acts });
  const alice = opened.warden.scope(agentOf('alice'), 'alice');
  const { id } = await alice.add('first', { metadata: { a: 1 }, speaker: 's' });
  await alice.update(id, { content: 'second' });
  for (let n = 0; n < 20; n += 1) await alice.add(`number ${n}`);
  const gone = await alice.add('gone');
  await alice.update(gone.id, { content: 'gone soon' });
  await alice.delete(gone.id);
  const all = async () => ({
    memories: (await alice.list({ limit: 100 })).memories,
    history: await alice.history(id),
    deleted: await alice.history(gone.id),
  });
  return { ...opened, alice, id, all, wait };
}

async function outcomeOf(added: Promise<{ id: string }>): Promise<{ id?: string; code?: string }> {
  return added.then(
    ({ id }) => ({ id }),
    (error: unknown) => ({ code: (error as { code: string }).code }),
  );
}

describeOnEachStore('rotating keys', (open) => {
  test('G14: everything is sealed anew under the new key, the old one is gone, and nothing reads otherwise', async () => {
    const opened = await withHistory(open);
    const before = await opened.all();
    const revision = await opened.driver.planned.revision({ tenant: 'default', userId: 'alice' });
    const [old] = (await ringOf(opened, 'alice'))!.versions;
    const result = await opened.warden.keys.rotateUser(ADMIN, 'alice');
    expect(result).toEqual({ users: 1, rows: 24, skipped: 0, refused: 0 });
    const after = await ringOf(opened, 'alice');
    expect(after!.versions).toHaveLength(1);
    expect(after!.versions[0]!.keyId).not.toBe(old!.keyId);
    const rows = await rowsOf(opened, 'alice');
    expect(new Set(rows.map((row) => row['key_id']))).toEqual(new Set([after!.versions[0]!.keyId]));
    // S23: what a rotation seals is counted too, beside the block that the version was made with.
    expect(after!.versions[0]!.reserved).toBeGreaterThanOrEqual(1_024 + 24);
    expect(await opened.all()).toEqual(before);
    expect(await opened.driver.planned.revision({ tenant: 'default', userId: 'alice' })).toBe(revision);
    expect(opened.warden.alarmCount('malformed_record')).toBe(0);
  });

  test('G14: another process with the old key record reads and writes while it runs, without an error', async () => {
    const acts: { step?: (name: string) => Promise<void> } = {};
    const opened = await withHistory(open, { acts: { wait: noWait(), step: (name) => acts.step?.(name) } });
    const other = await opened.again();
    const there = other.scope(agentOf('alice'), 'alice');
    const before = await there.list({ limit: 100 });
    let written = 0;
    acts.step = async () => {
      expect((await there.list({ limit: 100 })).memories.length).toBe(before.memories.length + written);
      await there.update(opened.id, { content: `again ${written}` });
      await there.add(`during ${written}`);
      written += 1;
    };
    await opened.warden.keys.rotateUser(ADMIN, 'alice');
    expect(written).toBeGreaterThan(2);
    const ring = await ringOf(opened, 'alice');
    expect(ring!.versions).toHaveLength(1);
    expect((await opened.alice.list({ limit: 100 })).memories).toHaveLength(before.memories.length + written);
    expect(opened.warden.alarmCount('malformed_record') + other.alarmCount('malformed_record')).toBe(0);
  });

  test.each(['advanced', 'batch', 'resealed', 'nothing left'])(
    'G14: cut off at "%s" the next call goes on',
    async (stop) => {
      let armed = true;
      const step = (name: string) => {
        if (armed && name === stop) throw new Error('cut off');
      };
      const opened = await withHistory(open, { acts: { wait: noWait(), step } });
      const before = await opened.all();
      await expect(opened.warden.keys.rotateUser(ADMIN, 'alice')).rejects.toThrow('cut off');
      expect(await opened.all()).toEqual(before);
      armed = false;
      await opened.warden.keys.rotateUser(ADMIN, 'alice');
      expect((await ringOf(opened, 'alice'))!.versions).toHaveLength(1);
      expect(await opened.all()).toEqual(before);
    },
  );

  test.each(['one user', 'all users'])(
    'S22: no acknowledged write is lost where the rotation goes on without a fence (%s)',
    async (whom) => {
      const late: { end?: (() => Promise<void>) | undefined } = {};
      const step = async (name: string) => (name === 'nothing left' ? late.end?.() : undefined);
      const opened = await open({ acts: { wait: noWait(), step } });
      const alice = opened.warden.scope(agentOf('alice'), 'alice');
      await alice.add('first');
      const before = new Date((await ringOf(opened, 'alice'))!.versions[0]!.createdAt.getTime() + 1);
      let release!: () => void;
      let sealed!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      const isSealed = new Promise<void>((resolve) => (sealed = resolve));
      opened.watch.before = ({ method }) => (method === 'insert' ? (sealed(), held) : undefined);
      const writing = outcomeOf(alice.add('acknowledged'));
      await isSealed;
      // As a rotation that was cut off before its fence leaves it, and a key that is spent.
      await opened.keys.rings.advance({ tenant: 'default', userId: 'alice' });
      late.end = async () => {
        release();
        await writing;
      };
      if (whom === 'one user') {
        // Nothing is advanced: the key in use is the new one already.
        opened.keys.rings.advance = () => Promise.resolve(undefined);
        await opened.warden.keys.rotateUser(ADMIN, 'alice');
      } else await opened.warden.keys.rotateAll(ADMIN, before);
      release();
      const written = await writing;
      opened.watch.before = undefined;
      if (written.id !== undefined) expect((await alice.get(written.id))?.content).toBe('acknowledged');
      else expect(written.code).toBe('epoch_over');
      const ring = await ringOf(opened, 'alice');
      const known = ring!.versions.map(({ keyId }) => keyId);
      for (const row of await rowsOf(opened, 'alice')) expect(known).toContain(row['key_id']);
    },
  );

  test('S20: the wrapped bytes of the old key are in no file of the key store afterwards', async () => {
    const opened = await withHistory(open);
    const { store } = opened.place.keys;
    if (typeof store !== 'object' || store.kind !== 'embedded') return;
    const { wrapped } = (await ringOf(opened, 'alice'))!.versions[0]!;
    const carved = () =>
      readdirSync(store.path, { recursive: true, encoding: 'utf8' })
        .map((name) => join(store.path, name))
        .filter((file) => statSync(file).isFile() && readFileSync(file).includes(wrapped)).length;
    expect(carved()).toBe(1);
    await opened.warden.keys.rotateUser(ADMIN, 'alice');
    expect(carved()).toBe(0);
    await opened.alice.add('x');
    await opened.warden.keys.rotateAll(ADMIN, new Date(Date.now() + 1_000));
    expect(carved()).toBe(0);
  });

  test('all users: those whose keys are new enough are passed over when a rotation is taken up again', async () => {
    const step = { stop: '' };
    const opened = await open({
      acts: {
        wait: noWait(),
        step: (name) => {
          if (name === step.stop) throw new Error('cut off');
        },
      },
    });
    for (const user of ['a', 'b', 'c']) await opened.warden.scope(agentOf(user), user).add('x');
    step.stop = 'resealed';
    const now = new Date(Date.now() + 1_000);
    await expect(opened.warden.keys.rotateAll(ADMIN, now)).rejects.toThrow('cut off');
    step.stop = '';
    const first = (await ringOf(opened, 'a'))!.versions[0]!.keyId;
    const status = await opened.warden.keys.status(ADMIN);
    expect(status).toMatchObject({ users: 3, retiring: 1, erasing: 0 });
    const result = await opened.warden.keys.rotateAll(ADMIN, new Date());
    expect(result.users).toBe(3);
    expect([1, 1, 1]).toEqual(
      await Promise.all(['a', 'b', 'c'].map(async (user) => (await ringOf(opened, user))!.versions.length)),
    );
    // A key that was made after the rotation was begun stays.
    expect(first).toEqual(expect.any(String));
    for (const user of ['a', 'b', 'c'])
      expect((await opened.warden.scope(agentOf(user), user).list()).memories).toHaveLength(1);
  });

  test('only who may administer keys may rotate, rewrap or see their state', async () => {
    const { warden } = await open({ acts: { wait: noWait() } });
    const agent = agentOf('alice');
    expect(await outcome(() => warden.keys.rotateUser(agent, 'alice'))).toBe('forbidden');
    expect(await outcome(() => warden.keys.rotateAll(agent, new Date()))).toBe('forbidden');
    expect(await outcome(() => warden.keys.rewrap(agent, undefined))).toBe('forbidden');
    expect(await outcome(() => warden.keys.status(agent))).toBe('forbidden');
  });
});

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openKms } from '../../src/crypto/kms/open.js';
import { KeyRings } from '../../src/crypto/keys/key-rings.js';
import { rewrap } from '../../src/compliance/rewrap.js';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import type { Kms } from '../../src/model/kms.js';
import { openTables } from '../../src/store/embedded/environment.js';
import { MongoClient, type Document } from 'mongodb';
import { createWarden } from '../../src/warden.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, type Opened } from '../support/warden.js';
import { noWait, ringOf, rowsOf } from './support.js';

/** A key service that counts, and can be made to fail. */
function watched(kms: Kms) {
  const state = { wraps: 0, unwraps: 0, failing: false, delayMs: 0 };
  const pass = async <T>(act: () => Promise<T>): Promise<T> => {
    if (state.delayMs) await new Promise((done) => setTimeout(done, state.delayMs));
    if (state.failing) throw new MemwardenError('kms_unavailable');
    return act();
  };
  const service: Kms = {
    kekId: kms.kekId,
    wrap: (key, context) => ((state.wraps += 1), pass(() => kms.wrap(key, context))),
    unwrap: (key, context) => ((state.unwraps += 1), pass(() => kms.unwrap(key, context))),
    close: () => Promise.resolve(),
  };
  return { service, state };
}

/** Rings over the key store of a warden, with another key service. */
function ringsOver({ keys }: Opened, kms: Kms, clock = () => new Date()) {
  return new KeyRings({ store: keys.store, kms, clock, cacheMs: 60_000, cacheMax: 100 });
}

const unlock = (userId: string, ownerKey?: Uint8Array) => ({ partition: { tenant: 'default', userId }, ownerKey });
const nothing = () => Promise.resolve('read');

describeOnEachStore('keys of users', (open) => {
  test('G16: while the key service is out nothing is written or read, and nothing lands in clear', async () => {
    const opened = await open();
    await opened.warden.scope(agentOf('alice'), 'alice').add('before');
    const { service, state } = watched(opened.keys.kms);
    const rings = ringsOver(opened, service);
    state.failing = true;
    expect(await outcome(() => rings.reading(unlock('alice'), nothing))).toBe('kms_unavailable');
    const write = { messages: 3, create: true };
    expect(await outcome(() => rings.writing(unlock('bob'), write, nothing))).toBe('kms_unavailable');
    expect(await ringOf(opened, 'bob')).toBeUndefined();
    state.failing = false;
    expect(await outcome(() => rings.reading(unlock('alice'), nothing))).toBe('read');
    expect(
      (await opened.raw.memories()).every(
        (row) => Buffer.isBuffer(row['content']) || typeof row['content'] === 'object',
      ),
    ).toBe(true);
    rings.close();
  });

  test('a hundred requests for a user whose key is not at hand cost one call of the key service', async () => {
    const opened = await open();
    await opened.warden.scope(agentOf('alice'), 'alice').add('x');
    const { service, state } = watched(opened.keys.kms);
    state.delayMs = 20;
    const rings = ringsOver(opened, service);
    await Promise.all(Array.from({ length: 100 }, () => rings.reading(unlock('alice'), nothing)));
    expect(state.unwraps).toBe(1);
    rings.close();
  });

  test('S18: a key is held for a minute and no longer; then the key record is read again', async () => {
    const opened = await open();
    await opened.warden.scope(agentOf('alice'), 'alice').add('x');
    const { service, state } = watched(opened.keys.kms);
    const clock = handClock();
    const rings = ringsOver(opened, service, clock);
    await rings.reading(unlock('alice'), nothing);
    clock.forward(59_999);
    await rings.reading(unlock('alice'), nothing);
    expect(state.unwraps).toBe(1);
    clock.forward(1);
    await rings.reading(unlock('alice'), nothing);
    expect(state.unwraps).toBe(2);
    rings.close();
  });

  test('S22: a write whose epoch is over does not land, and is done again under the key in use', async () => {
    const opened = await open({ acts: { wait: noWait() } });
    const alice = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await alice.add('x');
    for (const method of ['insert', 'replace', 'remove'] as const) {
      let rotated = 0;
      opened.watch.before = async (call) => {
        if (call.method !== method || rotated > 0) return;
        rotated += 1;
        const other = await opened.again();
        await other.keys.rotateUser(ADMIN, 'alice');
      };
      if (method === 'insert') await alice.add('y');
      if (method === 'replace') await alice.update(id, { content: 'z' });
      if (method === 'remove') await alice.delete(id);
      opened.watch.before = undefined;
      expect(rotated).toBe(1);
    }
    const ring = (await ringOf(opened, 'alice'))!;
    const rows = await rowsOf(opened, 'alice');
    expect(new Set(rows.map((row) => row['key_id']))).toEqual(new Set([ring.versions[0]!.keyId]));
    expect((await alice.list()).memories.map(({ content }) => content)).toContain('y');
  });

  test('S23: a key that was used up is replaced before it seals more', async () => {
    const opened = await open();
    const alice = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await alice.add('x');
    const before = (await ringOf(opened, 'alice'))!;
    await opened.keys.store.reserve({ tenant: 'default', userId: 'alice' }, before.versions[0]!.keyId, 2 ** 30);
    const other = await opened.again();
    const there = other.scope(agentOf('alice'), 'alice');
    await there.add('y');
    const after = (await ringOf(opened, 'alice'))!;
    expect(after.versions.map(({ state }) => state)).toEqual(['active', 'retiring']);
    expect((await alice.list()).memories).toHaveLength(2);
    expect(await alice.get(id)).toMatchObject({ content: 'x' });
  });

  test('a user whose key the owner holds is read with that key alone, and the operator cannot read at all', async () => {
    const opened = await open({ acts: { wait: noWait() } });
    const ownerKey = randomBytes(32);
    const mine = opened.warden.scope(agentOf('alice'), 'alice', { ownerKey });
    const { id } = await mine.add('mine');
    expect(await mine.get(id)).toMatchObject({ content: 'mine' });
    for (const [options, code] of [
      [undefined, 'owner_key_required'],
      [{}, 'owner_key_required'],
      [{ ownerKey: randomBytes(32) }, 'key_refused'],
    ] as const) {
      const theirs = opened.warden.scope(ADMIN, 'alice', options);
      expect([await outcome(() => theirs.get(id)), await outcome(() => theirs.list())]).toEqual([code, code]);
      expect(await outcome(() => theirs.add('x'))).toBe(code);
    }
    const ring = (await ringOf(opened, 'alice'))!;
    const { keyId, wrapped } = ring.versions[0]!;
    const inner = await opened.keys.kms.unwrap(wrapped, { tenant: 'default', userId: 'alice', keyId, purpose: 'data' });
    expect(inner.length).toBeGreaterThan(32);
    expect(await outcome(() => opened.warden.keys.rotateUser(ADMIN, 'alice'))).toMatchObject({ skipped: 1 });
    expect(await mine.get(id)).toMatchObject({ content: 'mine' });
    const bob = opened.warden.scope(agentOf('bob'), 'bob');
    await bob.add('without');
    const late = opened.warden.scope(agentOf('bob'), 'bob', { ownerKey });
    expect(await outcome(() => late.add('x'))).toBe('owner_key_required');
    for (const bad of [new Uint8Array(31), 'x'.repeat(32), {}])
      expect(
        await outcome(() => Promise.resolve().then(() => opened.warden.scope(ADMIN, 'a', { ownerKey: bad as never }))),
      ).toBe('invalid_argument');
  });

  test('rewrapping changes the key-encryption key and no memory, and goes on where it was cut off', async () => {
    const opened = await open();
    for (const user of ['alice', 'bob']) await opened.warden.scope(agentOf(user), user).add(user);
    const before = [await rowsOf(opened, 'alice'), await rowsOf(opened, 'bob')];
    const folder = join(opened.place.keys.kms!.slice('local:'.length), '..', '..', 'next');
    mkdirSync(folder, { mode: 0o700 });
    const next = await openKms(`local:${join(folder, 'kek')}`, { create: true });
    let calls = 0;
    const failing: Kms = {
      ...next,
      kekId: next.kekId,
      wrap: (key, context) =>
        (calls += 1) > 1 ? Promise.reject(new MemwardenError('kms_timeout')) : next.wrap(key, context),
    };
    expect(await outcome(() => rewrap(opened.keys.store, opened.keys.kms, failing))).toBe('kms_timeout');
    const result = await rewrap(opened.keys.store, opened.keys.kms, next);
    expect(result.users).toBe(2);
    expect(await rewrap(opened.keys.store, next, next)).toEqual({ users: 0, keys: 0 });
    expect([await rowsOf(opened, 'alice'), await rowsOf(opened, 'bob')]).toEqual(before);
    const rings = ringsOver(opened, next);
    expect(await rings.reading(unlock('alice'), nothing)).toBe('read');
    expect(await outcome(() => ringsOver(opened, opened.keys.kms).reading(unlock('alice'), nothing))).toBe(
      'key_refused',
    );
    rings.close();
    await next.close();
  });

  test('rows that were written in clear are sealed once, and nobody reads them before', async () => {
    const opened = await open({ clear: true });
    const clear = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await clear.add('first', { metadata: { a: 1 }, speaker: 's' });
    await clear.update(id, { content: 'second' });
    const gone = await clear.add('gone');
    await clear.update(gone.id, { content: 'gone soon' });
    await clear.delete(gone.id);
    const expected = [(await clear.list()).memories, await clear.history(id), await clear.history(gone.id)];
    await plantUnsealable(opened);
    const { place } = opened;
    const warden = await createWarden({ store: place.store, keys: place.keys, migrate: true });
    const sealed = warden.scope(agentOf('alice'), 'alice');
    expect((await sealed.list()).memories).toEqual([]);
    expect(await warden.encryptExisting(ADMIN)).toEqual({ partitions: 1, rows: 4, refused: 1 });
    expect(await warden.encryptExisting(ADMIN)).toEqual({ partitions: 0, rows: 0, refused: 1 });
    expect([(await sealed.list()).memories, await sealed.history(id), await sealed.history(gone.id)]).toEqual(expected);
    expect(await outcome(() => warden.encryptExisting(agentOf('alice')))).toBe('forbidden');
    await warden.close();
  });
});

// A row whose metadata is no JSON object: nothing that could be sealed.
async function plantUnsealable({ place }: Opened): Promise<void> {
  const at = new Date('2026-01-01T00:00:00.000Z');
  const times = { occurred_at: at, created_at: at, updated_at: at };
  const row = {
    tenant: 'default',
    user_id: 'alice',
    sensitivity: 'private',
    category: 'general',
    ...times,
    version: 1,
  };
  const id = '01890000-0000-7000-8000-00000000000a';
  if (place.store.kind === 'embedded') {
    const tables = await openTables(place.store.path);
    await tables.write(
      () => void tables.memories.put(['default', 'alice', id], { ...row, id, content: 'x', metadata: '[' } as never),
    );
    return tables.close();
  }
  const client = await new MongoClient(place.store.uri).connect();
  await client
    .db()
    .collection<Document>('memories')
    .insertOne({ _id: id, ...row, content: 'x', metadata: '[' } as Document, { writeConcern: { w: 'majority' } });
  await client.close();
}

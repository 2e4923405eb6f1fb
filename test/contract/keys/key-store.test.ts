import '../../support/fresh-lmdb.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { KeyRing, KeyStore } from '../../../src/model/key-store.js';
import { openEmbeddedKeys } from '../../../src/store/keys/embedded.js';
import { openMongoKeys } from '../../../src/store/keys/mongodb.js';
import { describeOnMongo, freshDatabase } from '../../support/mongo/describe.js';

type OpenStore = () => Promise<KeyStore>;

const ALICE = { tenant: 'default', userId: 'alice' };
const AT = new Date('2026-01-01T00:00:00.000Z');

function ringOf(userId: string, more: Partial<KeyRing> = {}): KeyRing {
  const version = {
    keyId: 'a'.repeat(32),
    kekId: 'local:one',
    wrapped: Buffer.from(`wrapped key of ${userId}`),
    state: 'active',
    createdAt: AT,
    reserved: 10,
  } as const;
  return { tenant: 'default', userId, epoch: 7, state: 'active', ownerHeld: false, versions: [version], ...more };
}

function suite(open: () => OpenStore): void {
  let store: KeyStore;
  let other: KeyStore;
  beforeEach(async () => {
    store = await open()();
    other = await open()();
  });
  afterEach(async () => {
    await store.close();
    await other.close();
  });

  test('a ring comes back as it was put, its bytes intact after other reads', async () => {
    expect(await store.ring(ALICE)).toBeUndefined();
    const ring = ringOf('alice', { pseudonym: { keyId: 'b'.repeat(32), kekId: 'k', wrapped: Buffer.from('p') } });
    expect(await store.swap(ring, undefined)).toBe(true);
    const found = await other.ring(ALICE);
    for (const user of ['x', 'y', 'z']) await other.swap(ringOf(user), undefined);
    for (const user of ['x', 'y', 'z']) await other.ring({ ...ALICE, userId: user });
    expect(found).toEqual(ring);
    expect(Buffer.isBuffer(found!.versions[0]!.wrapped)).toBe(true);
  });

  test('of two changes from one epoch, one lands, in whatever process', async () => {
    expect(await Promise.all([store.swap(ringOf('alice'), undefined), other.swap(ringOf('alice'), undefined)])).toEqual(
      expect.arrayContaining([true, false]),
    );
    const next = ringOf('alice', { epoch: 8 });
    const landed = await Promise.all([store.swap(next, 7), other.swap({ ...next, ownerHeld: true }, 7)]);
    expect(landed.filter(Boolean)).toHaveLength(1);
    expect(await store.swap(next, 7)).toBe(false);
    expect(await store.remove(ALICE, 7)).toBe(false);
    expect(await store.remove(ALICE, 8)).toBe(true);
    expect(await other.ring(ALICE)).toBeUndefined();
  });

  test('S23: messages are reserved once each, of a version in use alone', async () => {
    await store.swap(ringOf('alice'), undefined);
    const key = 'a'.repeat(32);
    const totals = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? store : other).reserve(ALICE, key, 5)),
    );
    expect(totals.sort((a, b) => a! - b!)).toEqual(Array.from({ length: 10 }, (_, n) => 15 + 5 * n));
    expect(await store.reserve(ALICE, 'c'.repeat(32), 5)).toBeUndefined();
    expect(await store.reserve({ ...ALICE, userId: 'bob' }, key, 5)).toBeUndefined();
    const ring = (await store.ring(ALICE))!;
    await store.swap({ ...ring, epoch: 8, versions: [{ ...ring.versions[0]!, state: 'retiring' }] }, 7);
    expect(await store.reserve(ALICE, key, 5)).toBeUndefined();
  });

  test('rings are paged in order, none lost or told twice; those being erased are found', async () => {
    const users = Array.from({ length: 25 }, (_, n) => `user-${String(n).padStart(2, '0')}`);
    for (const user of [...users].reverse())
      await store.swap(ringOf(user, user === 'user-13' ? { state: 'erasing', versions: [] } : {}), undefined);
    const seen: string[] = [];
    for (let after: KeyRing | undefined; ;) {
      const page = await other.rings(after, 10);
      seen.push(...page.map(({ userId }) => userId));
      after = page.at(-1);
      if (page.length < 10) break;
    }
    expect(seen).toEqual(users);
    expect((await other.erasing(5)).map(({ userId }) => userId)).toEqual(['user-13']);
  });

  test('new wraps land where the ring is as it was, and change nothing else', async () => {
    await store.swap(
      ringOf('alice', { pseudonym: { keyId: 'b'.repeat(32), kekId: 'old', wrapped: Buffer.from('p') } }),
      undefined,
    );
    await store.swap(ringOf('bob'), undefined);
    const wrapped = new Map([['a'.repeat(32), Buffer.from('new')]]);
    const change = { epoch: 7, kekId: 'local:two', wrapped };
    const done = await store.rewrap([
      { ...change, partition: ALICE, pseudonym: Buffer.from('q') },
      { ...change, partition: { ...ALICE, userId: 'bob' }, epoch: 6 },
    ]);
    expect(done).toBe(1);
    const ring = (await other.ring(ALICE))!;
    expect(ring.versions).toEqual([
      { ...ringOf('alice').versions[0], kekId: 'local:two', wrapped: Buffer.from('new') },
    ]);
    expect(ring.pseudonym).toEqual({ keyId: 'b'.repeat(32), kekId: 'local:two', wrapped: Buffer.from('q') });
    expect((await other.ring({ ...ALICE, userId: 'bob' }))!.versions[0]!.kekId).toBe('local:one');
  });

  test('documents of a kind are added once, put, found and paged apart from other kinds', async () => {
    expect(await store.holdsKeys()).toBe(false);
    expect(await store.add('tombstone', { id: '001', value: { n: 1, bytes: Buffer.from('x') } })).toBe(true);
    expect(await other.add('tombstone', { id: '001', value: { n: 2 } })).toBe(false);
    await other.put('meta', { id: '001', value: { other: true } });
    for (const id of ['002', '003', '004']) await store.add('tombstone', { id, value: { id } });
    expect(await other.document('tombstone', '001')).toEqual({ id: '001', value: { n: 1, bytes: Buffer.from('x') } });
    expect((await other.documents('tombstone', '001', 2)).map(({ id }) => id)).toEqual(['002', '003']);
    expect((await other.documents('tombstone', undefined, 9)).map(({ id }) => id)).toEqual([
      '001',
      '002',
      '003',
      '004',
    ]);
    expect(await store.documents('certificate', undefined, 9)).toEqual([]);
    expect(await store.holdsKeys()).toBe(false);
    await store.add('instance', { id: 'k', value: {} });
    expect(await other.holdsKeys()).toBe(true);
  });

  test('S20: after shredding everything that lives is there, in every process', async () => {
    for (let n = 0; n < 30; n += 1) await store.swap(ringOf(`user-${n}`), undefined);
    await other.add('meta', { id: 'm', value: { a: 1 } });
    await store.remove({ ...ALICE, userId: 'user-3' }, 7);
    await store.shred();
    expect(await other.rings(undefined, 100)).toHaveLength(29);
    expect(await other.swap(ringOf('late'), undefined)).toBe(true);
    await other.shred();
    expect(await store.rings(undefined, 100)).toHaveLength(30);
    expect(await store.document('meta', 'm')).toEqual({ id: 'm', value: { a: 1 } });
  });
}

describe('The contract of key stores [embedded]', () => {
  let path: string;
  beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'memwarden-keys-'))));
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  suite(() => () => openEmbeddedKeys(path));

  const bytes = (folder: string): Buffer[] =>
    readdirSync(folder).flatMap((name) => {
      const file = join(folder, name);
      return statSync(file).isDirectory() ? bytes(file) : [readFileSync(file)];
    });

  test('S20: LMDB keeps what was deleted in its file, and shredding leaves not a byte of it', async () => {
    const store = await openEmbeddedKeys(path);
    for (let n = 0; n < 50; n += 1) await store.swap(ringOf(`user-${n}`), undefined);
    await store.remove({ ...ALICE, userId: 'user-7' }, 7);
    const has = () => bytes(path).some((file) => file.includes('wrapped key of user-7'));
    expect(has()).toBe(true);
    await store.shred();
    expect(has()).toBe(false);
    expect(bytes(path).some((file) => file.includes('wrapped key of user-8'))).toBe(true);
    await store.close();
  });
});

describeOnMongo('The contract of key stores', ({ uri, kind }) => {
  let database: ReturnType<typeof freshDatabase>;
  beforeEach(() => void (database = freshDatabase(uri)));
  afterEach(() => database.drop());
  suite(() => () => openMongoKeys({ uri: database.uri, timeoutMs: 5_000 }));

  test('another process is told of a change at once where the server can tell, and never wrongly', async () => {
    const store = await openMongoKeys({ uri: database.uri, timeoutMs: 5_000 });
    const told: string[] = [];
    await store.watch(({ userId }) => void told.push(userId));
    const other = await openMongoKeys({ uri: database.uri, timeoutMs: 5_000 });
    const canTell = kind === 'given' ? await hasStreams(uri) : kind !== 'standalone';
    await other.put('meta', { id: 'n', value: { n: 1 } });
    if (canTell) await untilTold(other, told, 'first');
    expect(told.length > 0).toBe(canTell);
    expect(told.every((userId) => userId.startsWith('alice/'))).toBe(true);
    await store.close();
    await other.close();
  });

  if (kind !== 'replica-set') return;

  test('S22: a stream of changes that the server ended is opened again', async () => {
    const store = await openMongoKeys({ uri: database.uri, timeoutMs: 5_000 });
    const told: string[] = [];
    await store.watch(({ userId }) => void told.push(userId));
    const other = await openMongoKeys({ uri: database.uri, timeoutMs: 5_000 });
    await untilTold(other, told, 'before');
    expect(await endStreams(database.uri)).toBeGreaterThan(0);
    await untilTold(other, told, 'after');
    expect(told.some((userId) => userId.startsWith('alice/after'))).toBe(true);
    await store.close();
    await other.close();
  });
});

// A router tells of a change once every shard has written something later, which an idle one does every 10 s.
async function untilTold(other: KeyStore, told: readonly string[], name: string): Promise<void> {
  const isTold = () => told.some((userId) => userId.startsWith(`alice/${name}`));
  for (let n = 0; !isTold() && n < 600; n += 1) {
    await other.swap(ringOf(`alice/${name}-${n}`), undefined);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function hasStreams(uri: string): Promise<boolean> {
  const client = await MongoClient.connect(uri);
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    return Boolean(hello['setName']) || hello['msg'] === 'isdbgrid';
  } finally {
    await client.close();
  }
}

// What an operator's `killOp` does; no driver resumes after it by itself.
async function endStreams(uri: string): Promise<number> {
  const client = await MongoClient.connect(uri);
  try {
    const admin = client.db('admin');
    const { inprog } = await admin.command({ currentOp: 1, 'cursor.tailable': true });
    const streams = (inprog as { opid: number; ns: string }[]).filter(({ ns }) => ns.endsWith('.key_rings'));
    for (const { opid } of streams) await admin.command({ killOp: 1, op: opid });
    return streams.length;
  } finally {
    await client.close();
  }
}

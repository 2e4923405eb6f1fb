import { describe, expect, test } from '@jest/globals';
import { AuditLog } from '../../src/audit/auditor.js';
import { claimedRecords } from '../../src/audit/check.js';
import { makeCheckpoint, readCheckpoint } from '../../src/audit/checkpoint.js';
import { prune } from '../../src/audit/prune.js';
import { registryEntries } from '../../src/audit/registry.js';
import { verifyLog } from '../../src/audit/verify.js';
import { signingKey } from '../../src/crypto/signing-keys.js';
import type { Along, StoredGroup } from '../../src/model/audit-storage.js';
import type { SigningKeys } from '../../src/model/signing-keys.js';
import { describeStoreKinds } from '../contract/support/stores.js';
import { handClock, outcome } from '../support/warden.js';
import { freshKeys, keysOf, MemoryStorage, recordNo, writeLog, writerOn } from './support/logs.js';

/** A storage whose next appends end in an error, before or after they took effect. */
class Flaky extends MemoryStorage {
  readonly tried: StoredGroup[] = [];
  faults: ('before' | 'after')[] = [];

  override async append(group: StoredGroup): Promise<'stored' | 'taken'> {
    this.tried.push(group);
    const fault = this.faults.shift();
    if (fault === 'before') throw new Error('lost');
    const result = await super.append(group);
    if (fault === 'after') throw new Error('lost');
    return result;
  }
}

describe('S25: streams', () => {
  test.each(['before', 'after'] as const)(
    'S25: a group whose outcome is not known (the error came %s it was stored) is tried again with the same bytes before anything newer',
    async (when) => {
      const { keys, keyOf } = freshKeys();
      const storage = new Flaky();
      const { writer } = writerOn(storage, keys);
      await writer.write(recordNo(1));
      storage.faults = [when, when];
      expect(await outcome(() => writer.write(recordNo(2)))).toBe('audit_unavailable');
      expect(await outcome(() => writer.write(recordNo(3)))).toBe('audit_unavailable');
      await writer.write(recordNo(4));
      const second = storage.tried.filter(({ stream, group }) => stream !== 'registry' && group === 2);
      expect(second).toHaveLength(3);
      expect(new Set(second.map(({ body }) => body.toString('hex'))).size).toBe(1);
      await writer.close();
      // The one that was never tried is not there; the one whose outcome was not known is.
      expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, records: 3 });
    },
  );

  test('S25: what is told of while the end of a stream is written stands in a stream of its own, and the log verifies', async () => {
    const { keys, keyOf } = freshKeys();
    const late: Promise<void>[] = [];
    class Ending extends MemoryStorage {
      override async append(group: StoredGroup): Promise<'stored' | 'taken'> {
        if (group.stream === 'registry' && group.body.includes('"close"') && late.length === 0) {
          late.push(writer.write(recordNo(2)));
          // Long enough for a group to get there.
          await new Promise((done) => setTimeout(done, 20));
        }
        return super.append(group);
      }
    }
    const storage = new Ending();
    const { writer } = writerOn(storage, keys);
    await writer.write(recordNo(1));
    await writer.close();
    await Promise.all(late);
    expect(late).toHaveLength(1);
    expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, records: 2 });
    expect((await storage.streams()).filter((stream) => stream !== 'registry')).toHaveLength(2);
  });

  test('S24: a signing key that does not come holds a change up no longer than a record may wait; then its result is a record of its own', async () => {
    const { key, keys: ready, keyOf } = freshKeys();
    let stalled: Promise<unknown> | undefined;
    const keys: SigningKeys = { ...ready, current: () => (stalled ?? Promise.resolve()).then(() => key) };
    class Joining extends MemoryStorage {
      along = (group: StoredGroup) => ({ group, of: this }) as unknown as Along;
    }
    const storage = new Joining();
    const { writer, metrics } = writerOn(storage, keys);
    const pseudonym = { pseudonym: 'A'.repeat(22), keyId: 'k', lasting: true, digest: () => 'B'.repeat(22) };
    const pseudonyms = {
      pseudonymOf: () => Promise.resolve(pseudonym),
      lastingPseudonymOf: () => Promise.resolve(pseudonym),
    };
    const clock = () => new Date();
    const log = new AuditLog({
      writer,
      pseudonyms,
      tenant: 'default',
      metrics,
      clock,
      door: 'library',
      timeoutMs: 1_000,
    });
    const entry = {
      principal: { id: 'root', role: 'admin' },
      owner: 'alice',
      action: 'create',
      subject: 'Memory',
      outcome: 'allowed',
      ids: [],
      revision: 'c'.repeat(64),
    } as const;
    const { event } = await log.record({ ...entry, phase: 'intent' });
    const result = { ...entry, phase: 'result', intent: event } as const;
    let come!: () => void;
    stalled = new Promise<void>((done) => (come = done));
    expect(await log.join(result)).toBeUndefined();
    // The reservation that comes late is ended at once, and what is told of meanwhile is not lost.
    const told = log.record(result);
    come();
    stalled = undefined;
    await told;
    await writer.close();
    expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, records: 2, openIntents: [] });
  });

  test('S25: what the registry could not be told is told again with the same bytes', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new Flaky();
    storage.faults = ['after', 'before'];
    const { writer } = writerOn(storage, keys);
    for (const _ of [1, 2]) expect(await outcome(() => writer.write(recordNo(1)))).toBe('audit_unavailable');
    await writer.write(recordNo(2));
    await writer.close();
    expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, records: 1 });
  });

  test('group commit: what waits at one moment becomes durable in one write', async () => {
    const { keys } = freshKeys();
    const storage = new MemoryStorage();
    const { writer, metrics } = writerOn(storage, keys);
    await Promise.all(Array.from({ length: 500 }, (_, n) => writer.write(recordNo(n))));
    expect(metrics.snapshot()).toMatchObject({ records: 500, groups: 1, waiting: 0 });
  });

  test('S25: a second writer of the same stream is an alarm; the first goes on under another name, and no record is lost', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const { writer, alarms } = writerOn(storage, keys);
    await writer.write(recordNo(1));
    const stream = writer.stream!;
    storage.rows.get(stream)!.set(2, Buffer.from('what a copy of this process wrote'));
    expect(await outcome(() => writer.write(recordNo(2)))).toBe('audit_unavailable');
    expect(alarms.count('audit_fork')).toBe(1);
    await writer.write(recordNo(3));
    expect(writer.stream).not.toBe(stream);
    const report = await verifyLog(storage, keyOf);
    expect(report).toMatchObject({ ok: false, first: { stream, group: 2, seq: 2 } });
  });

  test('S25: a fork is found against a checkpoint, though every head of it is signed', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const stream = await writeLog(storage, keys, [1, 2, 3], { open: true });
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    const other = new MemoryStorage();
    for (const [name, groups] of storage.rows) other.rows.set(name, new Map(groups));
    // Somebody who has the signing key writes the last group anew.
    const { seal } = await import('../../src/audit/chain.js');
    const { claimedPlace } = await import('../../src/audit/check.js');
    const before = claimedPlace(storage.rows.get(stream)!.get(2)!)!;
    const forged = seal(before, [recordNo(9), recordNo(8), recordNo(7)], new Date(), await keys.current());
    other.rows.get(stream)!.set(3, forged.body);
    expect(await verifyLog(other, keyOf)).toMatchObject({ ok: true });
    expect(await verifyLog(other, keyOf, { checkpoint })).toMatchObject({
      ok: false,
      first: { fault: 'fork', stream, group: 3 },
    });
  });

  test('a stream of a day is closed and another opened; a key that comes later is introduced by the one before it', async () => {
    const clock = handClock();
    const storage = new MemoryStorage();
    const all = ['01890000-0000-7000-8000-00000000000a', '01890000-0000-7000-8000-00000000000b'].map((id, n) =>
      signingKey(id, Buffer.alloc(32, n + 1)),
    );
    let used = 0;
    const keys: SigningKeys = { current: async () => all[used]!, byId: async (id) => all.find((key) => key.id === id) };
    const { writer } = writerOn(storage, keys, { clock });
    await writer.write(recordNo(1));
    const first = writer.stream;
    const checkpoint = await makeCheckpoint(storage, keys, clock());
    used = 1;
    clock.forward(24 * 3_600_000);
    await writer.write(recordNo(2));
    expect(writer.stream).not.toBe(first);
    await writer.close();
    const entries = [];
    for await (const { entry } of registryEntries(storage)) entries.push(entry.kind);
    expect(entries).toEqual(['key', 'open', 'key', 'close', 'open', 'close']);
    const nobody = async () => undefined;
    expect(readCheckpoint(checkpoint).keys).toHaveLength(1);
    expect(await verifyLog(storage, nobody, { checkpoint })).toMatchObject({ ok: true, records: 2 });
    // A key that nobody introduced is not believed.
    const stranger = { id: all[1]!.id, x: signingKey('x', Buffer.alloc(32, 9)).publicKey.toString('base64url') };
    expect(await verifyLog(storage, nobody, { keys: [stranger] })).toMatchObject({
      ok: false,
      first: { fault: 'key_unknown' },
    });
  });

  test('S25: a checkpoint of another store is one finding and is called that, and the log does not verify', async () => {
    const clock = handClock();
    const of = async (n: number) => {
      const key = signingKey(`01890000-0000-7000-8000-00000000000${n}`, Buffer.alloc(32, n));
      const keys: SigningKeys = { current: async () => key, byId: async () => key };
      const storage = new MemoryStorage();
      for (let i = 0; i < 3; i += 1) {
        const { writer } = writerOn(storage, keys, { clock });
        await writer.write(recordNo(i));
        await writer.close();
      }
      return { storage, keys };
    };
    const [one, other] = [await of(1), await of(2)];
    const checkpoint = await makeCheckpoint(other.storage, other.keys, clock());
    const report = await verifyLog(one.storage, async () => undefined, { checkpoint });
    expect(report.findings).toMatchObject([{ stream: 'registry', fault: 'key_unknown' }]);
    expect([report.ok, report.completeness]).toEqual([false, expect.stringMatching(/checkpoint of another store/)]);
  });

  test('a checkpoint that was changed, or signed by nobody known, is refused', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    await writeLog(storage, keys, [1, 2], { open: true });
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    for (let at = 0; at < checkpoint.length - 1; at += 7) {
      const changed = `${checkpoint.slice(0, at)}${checkpoint[at] === 'A' ? 'B' : 'A'}${checkpoint.slice(at + 1)}`;
      expect(await outcome(() => verifyLog(storage, keyOf, { checkpoint: changed }))).toBe('audit_checkpoint_invalid');
    }
    const { key } = freshKeys();
    const others = [{ id: key.id, x: key.publicKey.toString('base64url') }];
    expect(await outcome(() => verifyLog(storage, keyOf, { checkpoint, keys: others }))).toBe(
      'audit_checkpoint_invalid',
    );
  });

  test('retention takes whole closed streams and leaves a signed summary; what is left verifies, against an old checkpoint too', async () => {
    const clock = handClock();
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const old = await writeLog(storage, keys, [3, 4], { clock, open: true });
    const checkpoint = await makeCheckpoint(storage, keys, clock());
    const { registry } = writerOn(storage, keys, { clock });
    const { claimedPlace } = await import('../../src/audit/check.js');
    const place = claimedPlace((await storage.last(old))!.body)!;
    await registry.append({
      kind: 'close',
      stream: old,
      group: place.group,
      seq: place.seq,
      head: place.head,
      why: 'ended',
    });
    clock.forward(1_000);
    const cut = clock();
    clock.forward(1_000);
    await writeLog(storage, keys, [2], { clock });
    const open = await writeLog(storage, keys, [1], { clock, open: true });
    expect(await prune(storage, registry, cut)).toEqual({ streams: 1, records: 7 });
    expect(await storage.streams()).not.toContain(old);
    expect(await storage.streams()).toContain(open);
    expect(await verifyLog(storage, keyOf)).toMatchObject({ ok: true, pruned: 1, records: 3 });
    expect(await verifyLog(storage, keyOf, { checkpoint })).toMatchObject({ ok: true });
    const last = (await storage.last('registry'))!;
    expect(JSON.parse(claimedRecords(last.body)[0]!)).toMatchObject({
      kind: 'pruned',
      groups: 2,
      records: 7,
      outcomes: { allowed: 7 },
    });
    // An earlier prune that died after its summary is ended by the next one.
    storage.rows.set(old, new Map([[1, Buffer.from('left')]]));
    await prune(storage, registry, cut);
    expect(await storage.streams()).not.toContain(old);
  });

  test('a range is verified record by record, and what lies before it by its heads', async () => {
    const clock = handClock();
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const stream = await writeLog(storage, keys, [2, 2], { clock, open: true });
    const since = new Date(clock().getTime() + 1);
    expect(await verifyLog(storage, keyOf, { since })).toMatchObject({ ok: true, records: 0, heads: 4 });
    const body = storage.rows.get(stream)!.get(1)!;
    body[60] = body[60]! ^ 1;
    expect(await verifyLog(storage, keyOf, { since })).toMatchObject({ ok: true });
    expect(await verifyLog(storage, keyOf, { until: since })).toMatchObject({ ok: false, first: { group: 1, seq: 1 } });
  });
});

describeStoreKinds('S25: many writers', (fixture) => {
  test('S25: streams that are opened at once all stand in the registry, which has one order', async () => {
    const { driver } = fixture();
    const { keys, keyOf } = keysOf(driver.service);
    // Each with a registry and a place of its own; that of several processes is chaos' to show.
    await Promise.all([1, 2, 3, 4].map(() => writeLog(driver.audit, keys, [1, 3, 2])));
    expect(await verifyLog(driver.audit, keyOf)).toMatchObject({ ok: true, streams: 4, records: 24 });
  });
});

import { expect, test } from '@jest/globals';
import { verifyCertificate } from '../../src/compliance/erase/certificate.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, type Open, type Opened } from '../support/warden.js';
import { noWait, ringOf, rowsOf } from './support.js';

const ALICE = { tenant: 'default', userId: 'alice' };

async function withTwo(open: Open, acts: Parameters<Open>[0] = {}) {
  const wait = noWait();
  const opened = await open({ acts: { wait }, ...acts });
  const alice = opened.warden.scope(agentOf('alice'), 'alice');
  const bob = opened.warden.scope(agentOf('bob'), 'bob');
  for (const memory of [alice, bob]) {
    const { id } = await memory.add('first', { metadata: { a: 1 }, speaker: 's' });
    await memory.update(id, { content: 'second' });
    await memory.add('third');
    await memory.delete((await memory.add('deleted')).id);
  }
  return { ...opened, alice, bob, wait };
}

describeOnEachStore('erasing a user', (open) => {
  test('G21: rows, history, key and the row of the user are gone, and a certificate says so', async () => {
    const opened = await withTwo(open);
    const before = await ringOf(opened, 'alice');
    const certificate = await opened.warden.keys.erase(ADMIN, 'alice');
    expect(await rowsOf(opened, 'alice')).toEqual([]);
    expect(await ringOf(opened, 'alice')).toBeUndefined();
    expect((await opened.warden.users(ADMIN)).users.map(({ userId }) => userId)).toEqual(['bob']);
    expect(certificate).toMatchObject({
      requestedBy: { id: 'officer', role: 'admin' },
      keyIds: [...before!.versions, before!.pseudonym!].map(({ keyId }) => keyId),
      deleted: { memories: 2, states: 2 },
      tombstone: 1,
      policyRevision: opened.warden.policyRevision,
    });
    expect(JSON.stringify(certificate)).not.toContain('alice');
    expect((await opened.alice.list()).memories).toEqual([]);
  });

  test('G21: the certificate is checked offline with the public keys, and every changed byte is found', async () => {
    const { warden } = await withTwo(open);
    const text = JSON.stringify(await warden.keys.erase(ADMIN, 'alice'));
    const keys = JSON.stringify(await warden.keys.publicKeys());
    expect(verifyCertificate(text, keys)).toEqual(JSON.parse(text));
    for (const [from, to] of [
      ['"memories":2', '"memories":3'],
      ['"role":"admin"', '"role":"agent"'],
      ['"tombstone":1', '"tombstone":2'],
    ] as const) {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      expect(await outcome(() => Promise.resolve().then(() => verifyCertificate(changed, keys)))).toBe(
        'certificate_invalid',
      );
    }
    const other = JSON.stringify({ keys: [] });
    expect(await outcome(() => Promise.resolve().then(() => verifyCertificate(text, other)))).toBe(
      'certificate_invalid',
    );
  });

  test('S21: nothing of another user changes, byte for byte', async () => {
    const opened = await withTwo(open);
    const before = [await rowsOf(opened, 'bob'), await ringOf(opened, 'bob')];
    await opened.warden.keys.erase(ADMIN, 'alice');
    expect([await rowsOf(opened, 'bob'), await ringOf(opened, 'bob')]).toEqual(before);
    expect((await opened.bob.list()).memories.map(({ content }) => content)).toEqual(['third', 'second']);
  });

  test('S22: it waits for longer than any process holds a key, and sweeps again before the certificate', async () => {
    const steps: string[] = [];
    const wait = noWait();
    const opened = await withTwo(open, { acts: { wait, step: (name) => void steps.push(name) } });
    await opened.warden.keys.erase(ADMIN, 'alice');
    expect(wait.waits).toHaveLength(1);
    expect(wait.waits[0]).toBeGreaterThan(60_000 - 5_000);
    const order = [
      'fenced',
      'ledger appended',
      'keys destroyed',
      'swept',
      'waited',
      'swept again',
      'shredded',
      'certified',
    ];
    expect(steps.filter((step) => order.includes(step))).toEqual(order);
  });

  test('S22: while it runs the user is neither read nor written, and that is no alarm', async () => {
    const box: { opened?: Opened; check?: (opened: Opened) => Promise<void> } = {};
    const opened = await withTwo(open, {
      acts: {
        wait: noWait(),
        step: async (name) => (name === 'keys destroyed' ? box.check?.(box.opened!) : undefined),
      },
    });
    box.opened = opened;
    let checked = 0;
    box.check = async ({ warden }) => {
      checked += 1;
      const alice = warden.scope(agentOf('alice'), 'alice');
      expect((await alice.list()).memories).toEqual([]);
      expect(await outcome(() => alice.add('x'))).toBe('erasing');
      expect(warden.alarmCount('malformed_record')).toBe(0);
    };
    await opened.warden.keys.erase(ADMIN, 'alice');
    expect(checked).toBe(1);
  });

  test('S22: another process that still holds the key writes nothing more, and its next read finds nothing', async () => {
    const opened = await withTwo(open);
    const other = await opened.again();
    const there = other.scope(agentOf('alice'), 'alice');
    expect((await there.list()).memories).toHaveLength(2);
    const { keyIds } = await opened.warden.keys.erase(ADMIN, 'alice');
    expect(keyIds.length).toBeGreaterThan(0);
    await outcome(() => there.add('late'));
    const rows = await rowsOf(opened, 'alice');
    expect(rows.length).toBeLessThanOrEqual(1);
    expect(rows.filter((row) => keyIds.includes(String(row['key_id'])))).toEqual([]);
    expect((await there.list()).memories.every(({ content }) => content === 'late')).toBe(true);
  });

  test('S22: a second call that wakes after the first is done touches nothing of a user who came back', async () => {
    const gates: { reached: () => void; go: Promise<void> }[] = [];
    let reached!: () => void;
    let go!: () => void;
    const asleep = new Promise<void>((resolve) => (reached = resolve));
    const woken = new Promise<void>((resolve) => (go = resolve));
    const step = (name: string) => {
      if (name !== 'waited' || gates.length === 0) return undefined;
      const gate = gates.pop()!;
      gate.reached();
      return gate.go;
    };
    const opened = await withTwo(open, { acts: { wait: noWait(), step } });
    const other = await opened.again({});
    gates.push({ reached, go: woken });
    const slow = opened.warden.keys.erase(ADMIN, 'alice');
    await asleep;
    const certificate = await other.keys.erase(ADMIN, 'alice');
    const { id } = await other.scope(agentOf('alice'), 'alice').add('back again');
    const before = [await rowsOf(opened, 'alice'), await ringOf(opened, 'alice')];
    go();
    expect(await slow).toEqual(certificate);
    expect([await rowsOf(opened, 'alice'), await ringOf(opened, 'alice')]).toEqual(before);
    expect((await opened.alice.get(id))?.content).toBe('back again');
    expect((await opened.warden.users(ADMIN)).users.map(({ userId }) => userId).sort()).toEqual(['alice', 'bob']);
  });

  test('a user who comes back has a new key and none of the old data', async () => {
    const opened = await withTwo(open);
    const before = await ringOf(opened, 'alice');
    await opened.warden.keys.erase(ADMIN, 'alice');
    await opened.alice.add('new');
    const after = await ringOf(opened, 'alice');
    expect(after!.epoch).toBeGreaterThan(before!.epoch);
    expect(before!.versions.map(({ keyId }) => keyId)).not.toContain(after!.versions[0]!.keyId);
    expect((await opened.alice.list()).memories.map(({ content }) => content)).toEqual(['new']);
  });

  test('S20: the day that is named counts from the end, also where the erasure stood still in between', async () => {
    const clock = handClock();
    let isArmed = true;
    const step = (name: string) => {
      if (isArmed && name === 'keys destroyed') throw new Error('cut off');
    };
    const opened = await withTwo(open, { acts: { wait: noWait(), step }, clock });
    await expect(opened.warden.keys.erase(ADMIN, 'alice')).rejects.toThrow('cut off');
    isArmed = false;
    clock.forward(10 * 86_400_000);
    const [certificate] = await opened.warden.keys.resumeErasures(ADMIN);
    const { completedAt, keysDestroyedAt, finalAt, remains } = certificate!;
    expect(Date.parse(completedAt) - Date.parse(keysDestroyedAt)).toBe(10 * 86_400_000);
    const retained = opened.keys.settings.retentionDays * 86_400_000;
    expect(Date.parse(finalAt) - Date.parse(completedAt)).toBe(retained);
    for (const { until } of remains.filter(({ until }) => until !== 'unlimited')) expect(until).toBe(finalAt);
  });

  test('S26, S22: a resumed erasure forgets the pseudonym at once, as one that was not cut off does', async () => {
    let isArmed = true;
    const step = (name: string) => {
      if (isArmed && name === 'fenced') throw new Error('cut off');
    };
    // A clock that stands still: nothing that is held grows too old.
    const opened = await withTwo(open, { acts: { wait: noWait(), step }, clock: handClock() });
    const { warden } = opened;
    await expect(warden.keys.erase(ADMIN, 'alice')).rejects.toThrow('cut off');
    isArmed = false;
    const known = async () => {
      await outcome(() => warden.scope(agentOf('bob'), 'alice').count());
      const denied = await warden.audit(ADMIN).query({ outcome: 'denied' });
      return denied.at(-1)?.owner;
    };
    const before = await known();
    expect(await known()).toBe(before);
    await warden.keys.resumeErasures(ADMIN);
    const after = await known();
    expect(after).toEqual(expect.any(String));
    expect(after).not.toBe(before);
  });

  test('erasing is idempotent, also for a user of whom nothing is kept', async () => {
    const { warden, wait } = await withTwo(open);
    await warden.keys.erase(ADMIN, 'alice');
    const again = await warden.keys.erase(ADMIN, 'alice');
    expect(again).toMatchObject({ deleted: { memories: 0, states: 0 }, keyIds: [], tombstone: 2 });
    expect(wait.waits).toHaveLength(1);
    await warden.keys.erase(ADMIN, 'nobody');
  });

  test('only who may erase may erase, and nothing happens otherwise', async () => {
    const opened = await withTwo(open);
    expect(await outcome(() => opened.warden.keys.erase(agentOf('alice'), 'alice'))).toBe('forbidden');
    expect(await outcome(() => opened.warden.keys.erase(ADMIN, ''))).toBe('invalid_owner');
    expect((await ringOf(opened, 'alice'))?.state).toBe('active');
  });

  const STEPS = [
    'begun',
    'fenced',
    'tombstone put',
    'ledger appended',
    'keys destroyed',
    'batch swept',
    'swept',
    'waited',
    'swept again',
    'shredded',
    'certified',
  ];
  test.each(STEPS)('S21: cut off after "%s" it is resumed to the same end, with one tombstone', async (stop) => {
    let armed = true;
    const step = (name: string) => {
      if (armed && name === stop) throw new Error('cut off');
    };
    const opened = await withTwo(open, { acts: { wait: noWait(), step } });
    await expect(opened.warden.keys.erase(ADMIN, 'alice')).rejects.toThrow('cut off');
    armed = false;
    const [certificate] = await opened.warden.keys.resumeErasures(ADMIN);
    expect(certificate).toMatchObject({ tombstone: 1, deleted: { memories: 2, states: 2 } });
    expect(await rowsOf(opened, 'alice')).toEqual([]);
    expect(await ringOf(opened, 'alice')).toBeUndefined();
    expect(await opened.keys.ledger.read(await opened.driver.service.storeId())).toHaveLength(1);
    expect(await opened.keys.store.ring(ALICE)).toBeUndefined();
    expect(await opened.warden.keys.resumeErasures(ADMIN)).toEqual([]);
  });
});

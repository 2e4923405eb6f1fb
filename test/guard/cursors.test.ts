import { expect, test } from '@jest/globals';
import type { Principal } from '../../src/model/principal.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, ownerOf, policyFolder } from '../support/warden.js';

const HOUR = 3_600_000;

describeOnEachStore('cursors', (open) => {
  async function five(principal: Principal = agentOf('alice')) {
    const clock = handClock();
    const opened = await open({ clock, policies: await policyFolder() });
    const memory = opened.warden.scope(principal, 'alice');
    for (const day of [1, 2, 3, 4, 5]) await memory.add(`day ${day}`, { occurredAt: `2026-02-0${day}` });
    const first = await memory.list({ limit: 2 });
    return { ...opened, clock, memory, first, cursor: first.cursor! };
  }
  const contents = (page: { memories: readonly { content?: string }[] }) => page.memories.map((one) => one.content);

  test('S12: pages follow one another, newest first, and end without a cursor', async () => {
    const { memory, first, cursor } = await five();
    const second = await memory.list({ limit: 2, cursor });
    const third = await memory.list({ limit: 2, cursor: second.cursor! });
    expect([first, second, third].map(contents)).toEqual([['day 5', 'day 4'], ['day 3', 'day 2'], ['day 1']]);
    expect(third).not.toHaveProperty('cursor');
    expect(await memory.list({ limit: 5 })).not.toHaveProperty('cursor');
  });

  test('S12: memories of one moment are ordered by id and none is lost or told twice at a page border', async () => {
    const { memory } = await five();
    await memory.addMany(Array.from({ length: 30 }, (_, i) => ({ content: `same ${i}`, occurredAt: '2026-02-03' })));
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await memory.list({ limit: 4, ...(cursor ? { cursor } : {}) });
      seen.push(...page.memories.map((one) => one.id));
      cursor = page.cursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(35);
    expect(seen).toHaveLength(35);
  });

  test('S12: the same place makes the same cursor', async () => {
    const { memory, cursor, clock } = await five();
    clock.forward(10 * 60_000);
    expect((await memory.list({ limit: 2 })).cursor).toBe(cursor);
  });

  test('S12: nothing of the sort values or the owner can be read from a cursor', async () => {
    const { memory, cursor, first } = await five();
    const bytes = Buffer.from(cursor, 'base64url');
    const last = first.memories[1]!;
    for (const text of [last.id, last.id.replaceAll('-', ''), String(last.occurredAt!.getTime()), 'alice', '2026']) {
      expect(bytes.toString('latin1')).not.toContain(text);
      expect(bytes.toString('hex')).not.toContain(Buffer.from(text).toString('hex'));
    }
    expect(bytes.toString('hex')).not.toContain(last.id.replaceAll('-', ''));
    // Two cursors share the header that names the key and not the rest.
    const other = Buffer.from((await memory.list({ limit: 3 })).cursor!, 'base64url');
    expect(other.subarray(0, 17)).toEqual(bytes.subarray(0, 17));
    expect(other.subarray(17, 29)).not.toEqual(bytes.subarray(17, 29));
  });

  test('S12: every single changed bit and every cut makes it invalid', async () => {
    const { memory, cursor } = await five();
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, await outcome(() => memory.list({ limit: 2, cursor: changed.toString('base64url') }))]).toEqual([
        bit,
        'invalid_cursor',
      ]);
    }
    for (const text of [
      cursor.slice(0, -1),
      cursor.slice(0, -4),
      `${cursor}A`,
      ` ${cursor}`,
      `${cursor}=`,
      'x',
      'A'.repeat(5_000),
      cursor.toLowerCase(),
    ]) {
      expect(await outcome(() => memory.list({ limit: 2, cursor: text }))).toBe('invalid_cursor');
    }
  });

  test.each<[string, Principal, string]>([
    ['another principal', { ...agentOf('alice'), id: 'bot-2' }, 'alice'],
    ['another role', ownerOf('alice'), 'alice'],
    ['another role of the same id', { id: 'bot', role: 'owner', userId: 'alice' }, 'alice'],
    ['a purpose', { ...agentOf('alice'), purpose: 'support' }, 'alice'],
    ['an attribute', { ...agentOf('alice'), attributes: { team: 'a' } }, 'alice'],
    ['another owner', agentOf('bob'), 'bob'],
  ])('S12: a cursor is refused to %s', async (_, principal, userId) => {
    const { warden, cursor } = await five();
    expect(await outcome(() => warden.scope(principal, userId).list({ limit: 2, cursor }))).toBe('invalid_cursor');
  });

  test('S12: a cursor of an admin at alice is refused at bob', async () => {
    const { warden, cursor } = await five(ADMIN);
    expect(await outcome(() => warden.scope(ADMIN, 'alice').list({ limit: 2, cursor }))).toHaveProperty('memories');
    expect(await outcome(() => warden.scope(ADMIN, 'bob').list({ limit: 2, cursor }))).toBe('invalid_cursor');
  });

  test('S12: a cursor is refused with another filter and by another action', async () => {
    const { warden, memory, cursor } = await five(ADMIN);
    for (const filter of [
      { category: 'general' },
      { level: 'private' },
      { keyword: 'day' },
      { from: '2020-01-01' },
    ] as const) {
      expect(await outcome(() => memory.list({ ...filter, cursor }))).toBe('invalid_cursor');
    }
    expect(await outcome(() => warden.users(ADMIN, { cursor }))).toBe('invalid_cursor');
    for (const userId of ['bob', 'carol']) await warden.scope(ADMIN, userId).add('x');
    const users = await warden.users(ADMIN, { limit: 1 });
    expect(await outcome(() => memory.list({ cursor: users.cursor! }))).toBe('invalid_cursor');
  });

  test('S12: a cursor serves for a day and no longer', async () => {
    const { memory, cursor, clock } = await five();
    clock.forward(24 * HOUR - 1);
    expect(await outcome(() => memory.list({ cursor }))).toHaveProperty('memories');
    clock.forward(1);
    expect(await outcome(() => memory.list({ cursor }))).toBe('invalid_cursor');
  });

  test('S12: another process continues a cursor, and makes the same one', async () => {
    const { memory, again, cursor, clock } = await five();
    const other = (await again({ clock })).scope(agentOf('alice'), 'alice');
    expect(contents(await other.list({ limit: 2, cursor }))).toEqual(['day 3', 'day 2']);
    expect((await other.list({ limit: 2 })).cursor).toBe(cursor);
    const second = await other.list({ limit: 2, cursor });
    expect(contents(await memory.list({ limit: 2, cursor: second.cursor! }))).toEqual(['day 1']);
  });

  test('S12: a page continues where the last released record was, though it is deleted', async () => {
    const { memory, cursor, first } = await five();
    for (const { id } of first.memories) await memory.delete(id);
    await memory.add('newer', { occurredAt: '2026-02-20' });
    expect(contents(await memory.list({ limit: 2, cursor }))).toEqual(['day 3', 'day 2']);
  });

  test('S12: each page is planned and decided anew: what rose or expired in between does not come', async () => {
    const { warden, memory, cursor, clock } = await five();
    const admin = warden.scope(ADMIN, 'alice');
    const [, , three, two] = (await admin.list()).memories;
    await admin.update(three!.id, { level: 'sensitive' });
    await admin.update(two!.id, { ttl: 1_000 });
    clock.forward(1_000);
    expect(contents(await memory.list({ limit: 2, cursor }))).toEqual(['day 1']);
  });

  test('S12: a page that hides records is full all the same, and its cursor is of a record that it released', async () => {
    const clock = handClock();
    const { warden } = await open({ clock });
    const admin = warden.scope(ADMIN, 'alice');
    await admin.addMany(
      Array.from({ length: 600 }, (_, i) => ({
        content: `n ${i}`,
        occurredAt: new Date(1_000_000 + i),
        level: i % 3 === 0 ? ('public' as const) : ('sensitive' as const),
      })),
    );
    const memory = warden.scope(agentOf('alice'), 'alice');
    const page = await memory.list({ limit: 150 });
    expect(page.memories).toHaveLength(150);
    expect((await memory.list({ limit: 150, cursor: page.cursor! })).memories).toHaveLength(50);
    expect((await memory.list({ limit: 10, keyword: 'N 59' })).memories.map((one) => one.content)).toEqual([
      'n 597',
      'n 594',
      'n 591',
    ]);
  });

  test('S12: a page has one now for the query and for every decision, though the clock runs on', async () => {
    let time = new Date('2026-03-01T12:00:00.000Z').getTime();
    const { warden, watch } = await open({ clock: () => new Date(time) });
    const memory = warden.scope(agentOf('alice'), 'alice');
    await memory.addMany(Array.from({ length: 20 }, (_, i) => ({ content: `n ${i}`, ttl: 1_000 })));
    time += 999;
    // All of them expire while the store answers.
    watch.answer = (_, result) => ((time += 10), result);
    expect((await memory.list()).memories).toHaveLength(20);
    expect((await memory.list()).memories).toHaveLength(0);
    expect(warden.alarmCount('decision_disagrees')).toBe(0);
  });

  test('S12: users are paged by the bytes of their ids, and a user that is gone in between loses nothing', async () => {
    const { warden } = await open();
    const ids = ['\u{1f600}', '\uff21', 'a', 'B', 'é', 'aa'];
    for (const userId of ids) await warden.scope(ADMIN, userId).add('x');
    const bytes = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await warden.users(ADMIN, { limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...page.users.map((user) => user.userId));
      cursor = page.cursor;
    } while (cursor);
    expect(seen).toEqual(bytes);
  });
});

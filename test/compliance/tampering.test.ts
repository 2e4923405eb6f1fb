import { expect, test } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import type { MemoryRecord } from '../../src/model/fields.js';
import { openTables } from '../../src/store/embedded/environment.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, type Opened } from '../support/warden.js';

type Row = Record<string, unknown>;

/** Changes one row as somebody with write access to the store can: past every check. */
async function tamper({ place }: Opened, where: 'memories' | 'history', id: string, change: (row: Row) => Row) {
  if (place.store.kind === 'embedded') {
    const tables = await openTables(place.store.path);
    const key = ['default', 'alice', id];
    if (where === 'memories') {
      const record = change({ ...tables.memories.get(key) }) as unknown as MemoryRecord;
      await tables.write(() => void tables.memories.put(key, record));
    } else {
      const at = [...key, 1];
      const state = tables.history.get(at)!;
      const record = change({ ...state.record }) as unknown as MemoryRecord;
      await tables.write(() => void tables.history.put(at, { ...state, record }));
    }
    return tables.close();
  }
  const client = await new MongoClient(place.store.uri, { promoteBuffers: true }).connect();
  const collection = client.db().collection<Document>(where);
  const _id = (where === 'memories' ? id : `${id}:1`) as unknown as Document['_id'];
  const before = await collection.findOne({ _id, user_id: 'alice' });
  const { _id: __, ...next } = change({ ...before! });
  const options = { writeConcern: { w: 'majority', j: true }, bypassDocumentValidation: true } as const;
  await collection.replaceOne({ _id, user_id: 'alice' }, next as Document, options);
  await client.close();
}

const CHANGES: readonly [string, (row: Row, other: Row) => Row][] = [
  ['its level lowered', (row) => ({ ...row, sensitivity: 'public' })],
  ['its level raised', (row) => ({ ...row, sensitivity: 'sensitive' })],
  ['its category changed', (row) => ({ ...row, category: 'other' })],
  ['a field in clear added', (row) => ({ ...row, app_id: 'added' })],
  ['a field in clear taken away', ({ agent_id: _, ...row }) => row],
  ['its expiry moved later', (row) => ({ ...row, expires_at: new Date('2100-01-01T00:00:00.000Z') })],
  ['its expiry taken away', ({ expires_at: _, ...row }) => row],
  ['its moment changed', (row) => ({ ...row, occurred_at: new Date('2020-01-01T00:00:00.000Z') })],
  ['its version raised', (row) => ({ ...row, version: 3 })],
  ['its version lowered', (row) => ({ ...row, version: 1 })],
  ['its text replaced by that of another memory', (row, other) => ({ ...row, content: other['content'] })],
  ['its seal replaced by that of another memory', (row, other) => ({ ...row, seal: other['seal'] })],
  [
    'its text and seal replaced by those of another',
    (row, other) => ({ ...row, content: other['content'], seal: other['seal'] }),
  ],
  ['its text in clear', (row) => ({ ...row, content: 'forged' })],
  ['its metadata taken away', ({ metadata: _, ...row }) => row],
  ['its key id changed', (row) => ({ ...row, key_id: '0'.repeat(32) })],
  ['its MAC taken away', ({ seal: _, ...row }) => row],
];

describeOnEachStore('S19: somebody with write access to the store', (open) => {
  async function setUp() {
    const alarms: string[] = [];
    const opened = await open({ onAlarm: ({ name }) => void alarms.push(name) });
    const admin = opened.warden.scope(ADMIN, 'alice');
    const expiresAt = new Date(Date.now() + 3_600_000);
    const options = { level: 'private', metadata: { a: 1 }, agentId: 'bot', expiresAt } as const;
    const { id } = await admin.add('first', options);
    await admin.update(id, { content: 'second' });
    const { id: other } = await admin.add('other', options);
    const rows = await opened.raw.memories();
    return { ...opened, opened, admin, id, other: rows.find((row) => row['id'] === other)!, alarms };
  }

  test.each(CHANGES)('a memory with %s counts as absent by every way, and raises the alarm', async (_, change) => {
    const { opened, admin, id, other, alarms, warden } = await setUp();
    await tamper(opened, 'memories', id, (row) => change(row, other));
    for (const memory of [admin, warden.scope(agentOf('alice'), 'alice')]) {
      expect(await memory.get(id)).toBeNull();
      expect((await memory.list()).memories.map((one) => one.id)).not.toContain(id);
      expect(await outcome(() => memory.update(id, { content: 'x' }))).toBe('not_found');
      expect(await outcome(() => memory.delete(id))).toBe('not_found');
      expect(await outcome(() => memory.history(id))).toBe('not_found');
      expect(await outcome(() => memory.explain(id))).toBe('not_found');
    }
    expect(alarms).toContain('malformed_record');
    expect(alarms).not.toContain('decision_disagrees');
  });

  test.each([
    ['its level lowered', (row: Row) => ({ ...row, sensitivity: 'public' })],
    ['its text in clear', (row: Row) => ({ ...row, content: 'forged' })],
    ['its text taken away with its seal', ({ content: _, metadata: __, seal: ___, ...row }: Row) => row],
    ['its moment of change moved', (row: Row) => ({ ...row, updated_at: new Date('2020-01-01T00:00:00.000Z') })],
  ] as const)('a past state with %s is not shown', async (_, change) => {
    const { opened, admin, id } = await setUp();
    expect(await admin.history(id)).toHaveLength(2);
    await tamper(opened, 'history', id, change);
    expect(JSON.stringify(await admin.history(id))).not.toContain('first');
    expect(JSON.stringify(await admin.history(id))).not.toContain('forged');
    expect(await admin.history(id)).toHaveLength(0);
  });

  test('an older text of the same memory does not come back, from history or from a copy of the row before', async () => {
    const { opened, admin, id, raw } = await setUp();
    const [state] = await raw.states();
    await tamper(opened, 'memories', id, (row) => ({ ...row, content: state!['content'] }));
    expect(await admin.get(id)).toBeNull();
    await tamper(opened, 'memories', id, (row) => ({
      ...row,
      content: state!['content'],
      seal: state!['seal'],
      version: 1,
    }));
    expect(await admin.get(id)).toBeNull();
  });

  test('what it changed can still be erased', async () => {
    const { opened, admin, id } = await setUp();
    await tamper(opened, 'memories', id, (row) => ({ ...row, sensitivity: 'public' }));
    expect(await admin.deleteAll()).toBe(1);
    expect((await opened.raw.memories()).map((row) => row['id'])).toEqual([id]);
  });
});

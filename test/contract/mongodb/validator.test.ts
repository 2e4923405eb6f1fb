import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Double, Int32, Long, MongoClient, type Document } from 'mongodb';
import { FIELDS } from '../../../src/model/fields.js';
import { at, namedIn, recordOf } from '../support/records.js';
import { describeMongo, freshPartition } from '../support/stores.js';

const REFUSED = 121;
// A router refuses an owner that is an array before the validator sees it.
const NO_SHARD = 61;

describeMongo('The validator in the database itself', (fixture) => {
  let client: MongoClient;
  beforeAll(async () => {
    const { place } = fixture();
    client = await new MongoClient(place.kind === 'mongodb' ? place.uri : '').connect();
  });
  afterAll(() => client.close());

  let count = 0;
  const memory = (more: Document = {}): Document => {
    const partition = freshPartition();
    const { id, ...row } = recordOf(partition, namedIn(partition)((count += 1)), {
      expires_at: at(1),
      agent_id: 'bot',
    });
    return { _id: id, ...row, version: new Int32(1), ...more };
  };
  const without = (name: string, row = memory()): Document =>
    Object.fromEntries(Object.entries(row).filter(([key]) => key !== name));
  const state = (more: Document = {}): Document => memory({ memory_id: 'm', ...more });
  const insert = async (collection: string, row: Document) => {
    try {
      await client.db().collection(collection).insertOne(row);
      return 'stored';
    } catch (error) {
      const { code } = error as { code?: unknown };
      return code === NO_SHARD ? REFUSED : code;
    }
  };

  test('a sound row is stored, also one that has lost its sealed fields and one with a long version', async () => {
    for (const row of [memory(), without('content'), memory({ version: Long.fromNumber(2 ** 40) })]) {
      expect(await insert('memories', row)).toBe('stored');
    }
    expect(await insert('history', state())).toBe('stored');
    expect(await insert('history', state({ deleted_at: at(1) }))).toBe('stored');
  });

  const required = ['tenant', ...FIELDS.filter((field) => field.required && !field.sealed).map(({ name }) => name)];
  test.each(required.filter((name) => name !== 'id'))('a row without %s is refused', async (name) => {
    expect(await insert('memories', without(name))).toBe(REFUSED);
    expect(await insert('history', without(name, state()))).toBe(REFUSED);
  });

  const wrong: Record<string, unknown[]> = {
    string: [1, null, ['a'], { $gt: '' }, {}, true, at(1), Buffer.from('a'), /a/],
    enum: ['PUBLIC', 'secret', '', null, ['public'], 1],
    date: ['2026-01-01', 0, null, [at(1)], {}, true],
    integer: ['1', null, new Double(1.5), new Double(NaN), [1], at(1)],
    sealed: [{ a: 1 }, 1, null, ['{}'], [0.5], true, at(1), /a/],
  };
  test.each(
    FIELDS.filter(({ name }) => name !== 'id').map((field) => [field.name, field.sealed ? 'sealed' : field.type]),
  )('%s is refused in every type but its own (%s)', async (name, type) => {
    expect(wrong[type]?.length).toBeGreaterThan(0);
    for (const value of wrong[type] ?? []) {
      expect([value, await insert('memories', memory({ [name]: value }))]).toEqual([value, REFUSED]);
      expect([value, await insert('history', state({ [name]: value }))]).toEqual([value, REFUSED]);
    }
  });

  test('an owner may not be empty, and an id is text', async () => {
    expect(await insert('memories', memory({ user_id: '' }))).toBe(REFUSED);
    for (const _id of [1, '', { a: 1 }, at(1)]) expect(await insert('memories', memory({ _id }))).toBe(REFUSED);
  });

  test('a field that the record does not have is refused', async () => {
    for (const name of ['note', 'deleted_at', 'memory_id', '__proto']) {
      expect(await insert('memories', memory({ [name]: at(1) }))).toBe(REFUSED);
    }
  });

  test('an update may not take the owner or the level away, nor make them another type', async () => {
    const row = memory();
    expect(await insert('memories', row)).toBe('stored');
    const changes = [
      { $unset: { sensitivity: '' } },
      { $set: { sensitivity: 'PRIVATE' } },
      { $set: { tenant: ['default'] } },
      { $push: { tags: 'a' } },
    ];
    for (const change of changes as Document[]) {
      const update = client.db().collection('memories').updateOne({ _id: row['_id'], user_id: row['user_id'] }, change);
      await expect(update).rejects.toMatchObject({ code: REFUSED });
    }
  });

  test('a partition has an owner and a revision', async () => {
    const row = { _id: `default/${String(memory()['_id'])}`, tenant: 'default', user_id: 'u', revision: new Int32(1) };
    for (const bad of [
      without('user_id', row),
      without('revision', row),
      { ...row, user_id: ['u'] },
      { ...row, revision: 'x' },
    ]) {
      expect(await insert('partitions', bad)).toBe(REFUSED);
    }
    expect(await insert('partitions', row)).toBe('stored');
  });
});

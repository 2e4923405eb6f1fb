import { BSON } from 'mongodb';
import { expect, test } from '@jest/globals';
import { toMemoryRow, toRecord, type MemoryRow } from '../../../src/store/mongodb/rows.js';
import { recordOf } from '../support/records.js';

const record = recordOf({ tenant: 'default', userId: 'alice' }, 'a', {
  ...{ agent_id: 'b', app_id: 'c', session_id: 'd', expires_at: new Date(9e12) },
  ...{ content: 'text', metadata: '{}', speaker: 'e' },
});
const read = (document: object) => toRecord(BSON.deserialize(BSON.serialize(document)) as MemoryRow);

test('what a document holds of a record comes back, field by field, and no act that is under way', () => {
  expect(read(toMemoryRow(record))).toEqual(record);
  const act = { kind: 'insert', token: 't', at: new Date(0) } as const;
  expect(read(toMemoryRow(record, act))).toEqual(record);
});

test('a field `id` of a document does not stand in for its `_id`, which the query asked for', () => {
  expect(read({ ...toMemoryRow(record), id: 'another' }).id).toBe('a');
  expect(read({ id: 'another', ...toMemoryRow(record) }).id).toBe('a');
});

test('G4: a field `__proto__` of a document gives its record no prototype', () => {
  const hostile = Object.defineProperty({ ...toMemoryRow(record) }, '__proto__', {
    value: { expires_at: new Date(9e13), sensitivity: 'public' },
    enumerable: true,
  });
  const found = read(hostile);
  expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  expect(found).toEqual(record);
});

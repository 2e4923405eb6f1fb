import { expect, test } from '@jest/globals';
import { entriesOf } from '../../../src/compliance/export/kept-entries.js';

test('what says what is in an export is in rows of at most 5,000 ids, of one set of fields each; of nothing, one row', () => {
  const many = Array.from({ length: 5_001 }, (_, at) => String(at));
  const rows = [...entriesOf({ userId: 'alice', ids: { content: many, '': ['x'] } })];
  expect(rows.map(({ userId, shown, ids }) => [userId, shown, ids.length])).toEqual([
    ['alice', 'content', 5_000],
    ['alice', 'content', 1],
    ['alice', '', 1],
  ]);
  expect(rows.flatMap(({ ids }) => ids)).toEqual([...many, 'x']);
  expect([...entriesOf({ userId: 'bob', ids: {} })]).toEqual([{ userId: 'bob', shown: '', ids: [] }]);
});

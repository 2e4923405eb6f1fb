import { expect, test } from '@jest/globals';
import { Totals } from '../../../src/compliance/export/totals.js';

test('counts are those of the lines alone: of all, of each level, and of each space', () => {
  const totals = new Totals();
  totals.add({ count: 2, levels: { public: 1, private: 1 } });
  totals.add({ space: 'b', count: 1, levels: { public: 1 } });
  totals.add({ space: '__proto__', count: 0, levels: {} });
  totals.add({ space: 'b', count: 1, levels: { sensitive: 1 } });
  const counts = {
    users: 1,
    memories: 4,
    levels: { public: 2, private: 1, sensitive: 1 },
    spaces: [
      { space: '__proto__', memories: 0, levels: {} },
      { space: 'b', memories: 2, levels: { public: 1, sensitive: 1 } },
    ],
  };
  expect(totals.counts).toEqual(counts);
  expect(totals.are(counts)).toBe(true);
  const [none, b] = counts.spaces;
  for (const wrong of [
    { ...counts, users: 2 },
    { ...counts, memories: 3 },
    { ...counts, levels: { ...counts.levels, public: 1 } },
    { ...counts, spaces: [] },
    { ...counts, spaces: [b!] },
    { ...counts, spaces: [none!, { ...b!, space: 'c' }] },
    { ...counts, spaces: [none!, { ...b!, memories: 1 }] },
    { ...counts, spaces: [none!, { ...b!, levels: { public: 2 } }] },
  ])
    expect(totals.are(wrong)).toBe(false);
});

import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compared, eq } from '../../src/model/predicate.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { NONE } from '../../src/model/plan.js';
import { compareText } from '../../src/model/text.js';
import type { Position } from '../../src/store/partition.js';
import { plannedQuery } from '../../src/store/planned.js';
import { at, everythingIn, idsOf, namedIn, recordOf, store } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

const newestFirst = (a: MemoryRecord, b: MemoryRecord) =>
  b.occurred_at.getTime() - a.occurred_at.getTime() || compareText(b.id, a.id);

describeStores('Reading through the store port', (fixture) => {
  test('a record comes back as it was stored, field by field', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const full = recordOf(partition, randomUUID(), {
      ...{ agent_id: 'bot', app_id: 'app', session_id: 's', expires_at: at(9), metadata: '{"a":1}', speaker: 'alice' },
    });
    const plain = recordOf(partition, randomUUID(), { occurred_at: new Date(-1) });
    await store(driver, [full, plain]);
    expect(await driver.planned.findOne(everythingIn(partition), full.id)).toStrictEqual(full);
    expect(await driver.planned.find(everythingIn(partition), 5)).toStrictEqual([full, plain]);
  });

  test('findOne gives nothing for an absent id, another partition, another tenant or a condition that fails', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const record = recordOf(partition, randomUUID());
    await store(driver, [record]);
    const find = (query = everythingIn(partition), id = record.id) => driver.planned.findOne(query, id);
    expect(await find()).not.toBeNull();
    expect(await find(undefined, randomUUID())).toBeNull();
    expect(await find(everythingIn(freshPartition()))).toBeNull();
    expect(await find(everythingIn({ ...partition, tenant: 'other' }))).toBeNull();
    expect(await find(everythingIn(partition, eq('category', 'travel')))).toBeNull();
  });

  test('G8: partitions whose names extend or resemble one another stay apart', async () => {
    const { driver } = fixture();
    const { tenant, userId } = freshPartition();
    const names = [
      '',
      '-corp',
      '\u0301',
      ' ',
      '/x',
      '_b',
      'xb',
      '%',
      '*',
      '.',
      '😀',
      '\uffee',
      'é'.normalize('NFD'),
      'é',
    ];
    const partitions = names.map((suffix) => ({ tenant, userId: `${userId}${suffix}` }));
    for (const partition of partitions) await store(driver, [recordOf(partition, `of ${partition.userId}`)]);
    for (const partition of partitions) {
      expect(idsOf(await driver.planned.find(everythingIn(partition), 99))).toEqual([`of ${partition.userId}`]);
      expect(await driver.planned.count(everythingIn(partition))).toBe(1);
    }
  });

  test('the longest user id there can be names a partition like any other', async () => {
    const { driver } = fixture();
    const partition = { ...freshPartition(), userId: '😀'.repeat(256) };
    const record = recordOf(partition, randomUUID());
    await store(driver, [record]);
    expect(await driver.planned.findOne(everythingIn(partition), record.id)).toEqual(record);
  });

  test('a list is ordered by occurred_at, then by the UTF-8 bytes of the id, both falling, and pages meet no gap', async () => {
    const { driver } = fixture();
    const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }).map((text) => `x${text}`);
    const places = fc.uniqueArray(fc.record({ id: ids, minute: fc.integer({ min: -3, max: 3 }) }), {
      ...{ selector: ({ id }) => id, minLength: 1, maxLength: 12 },
    });
    const always = [
      { id: 'x\u{1f600}', minute: 0 },
      { id: 'x\uffee', minute: 0 },
      { id: 'x', minute: -40_000_000 },
    ];
    const holds = async (found: { id: string; minute: number }[], limit: number) => {
      const partition = freshPartition();
      const unique = new Map([...found, ...always].map((place) => [place.id, place]));
      const named = namedIn(partition);
      const records = [...unique.values()].map(({ id, minute }) =>
        recordOf(partition, named(id), { occurred_at: at(minute) }),
      );
      await store(driver, records);
      const listed: MemoryRecord[] = [];
      for (let after: Position | undefined; ;) {
        const page = await driver.planned.find(everythingIn(partition), limit, after);
        expect(page.length).toBeLessThanOrEqual(limit);
        listed.push(...page);
        const last = page.at(-1);
        if (!last) break;
        after = { occurredAt: last.occurred_at, id: last.id };
      }
      expect(idsOf(listed)).toEqual(idsOf(records.sort(newestFirst)));
    };
    const options = { seed: 20_261, numRuns: 8, verbose: 1 } as const;
    await fc.assert(fc.asyncProperty(places, fc.integer({ min: 1, max: 5 }), holds), options);
  });

  test('a page starts after its place even where the record at that place is gone', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    await store(
      driver,
      [1, 2, 3].map((n) => recordOf(partition, id(n), { occurred_at: at(n) })),
    );
    const found = (place: Position) => driver.planned.find(everythingIn(partition), 9, place).then(idsOf);
    expect(await found({ occurredAt: at(2), id: id(2) })).toEqual([id(1)]);
    expect(await found({ occurredAt: at(2), id: id('2x') })).toEqual([id(2), id(1)]);
    expect(await found({ occurredAt: at(2), id: id(1) })).toEqual([id(1)]);
    expect(await found({ occurredAt: at(99), id: '' })).toEqual([id(3), id(2), id(1)]);
  });

  test('find and count let through what the conditions do, and a limit counts what was let through', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    const records = Array.from({ length: 9 }, (_, n) =>
      recordOf(partition, id(n), { occurred_at: at(n), category: n % 3 ? 'work' : 'home' }),
    );
    await store(driver, records, true);
    const home = everythingIn(partition, eq('category', 'home'));
    expect(idsOf(await driver.planned.find(home, 2))).toEqual([id(6), id(3)]);
    expect(await driver.planned.count(home)).toBe(3);
    const early = everythingIn(partition, compared('occurred_at', 'lt', at(4)));
    expect(await driver.planned.count(early)).toBe(4);
    expect(await driver.planned.count(everythingIn(freshPartition()))).toBe(0);
  });

  test('a plan that allows nothing, or no plan, makes no query', () => {
    expect(() => plannedQuery(freshPartition(), [NONE], [])).toThrow(expect.objectContaining({ code: 'internal' }));
    expect(() => plannedQuery(freshPartition(), [], [])).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  test('S10: the look gives the policy fields of whatever stands there, and no sealed field', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const record = recordOf(partition, randomUUID(), { metadata: '{}', speaker: 'alice', expires_at: at(1) });
    await store(driver, [record]);
    const { content: _c, metadata: _m, speaker: _s, ...clear } = record;
    expect(await driver.planned.look(partition, record.id)).toEqual(clear);
    expect(await driver.planned.look(partition, randomUUID())).toBeNull();
    expect(await driver.planned.look(freshPartition(), record.id)).toBeNull();
  });
});

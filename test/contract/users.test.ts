import { expect, test } from '@jest/globals';
import { ALL, planOf } from '../../src/model/plan.js';
import { eq, oneOf } from '../../src/model/predicate.js';
import { compareText } from '../../src/model/text.js';
import { plannedUserQuery } from '../../src/store/planned.js';
import { at, everythingIn, namedIn, recordOf, store, targetsOf } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

const NAMES = [
  'a',
  'a-',
  'a/b',
  'aa',
  'b',
  'é',
  '\u{1f600}',
  '\u{1f600}x',
  '\uffee',
  '\ud7ff',
  ' a',
  '~',
  '中',
  '\u{20000}',
];

describeStores('The list of users', (fixture) => {
  const setUp = async () => {
    const { driver } = fixture();
    const { tenant, userId } = freshPartition();
    for (const name of NAMES) {
      const partition = { tenant, userId: `${name}${userId}` };
      await store(driver, [recordOf(partition, namedIn(partition)(1))]);
    }
    const ordered = NAMES.map((name) => `${name}${userId}`).sort(compareText);
    const find = (limit: number, after?: string, plan = ALL) =>
      driver.planned.findUsers(plannedUserQuery(tenant, plan, []), limit, after);
    return { driver, tenant, ordered, find };
  };

  test('S3: users come in the order of the UTF-8 bytes of their ids, astral characters included, each once', async () => {
    const { ordered, find } = await setUp();
    expect(ordered).not.toEqual([...ordered].sort());
    for (const limit of [1, 3, 100]) {
      const listed: string[] = [];
      for (let after: string | undefined; ; after = listed.at(-1)) {
        const page = await find(limit, after);
        expect(page.length).toBeLessThanOrEqual(limit);
        if (page.length === 0) break;
        listed.push(...page.map(({ userId }) => userId));
      }
      expect(listed).toEqual(ordered);
    }
  });

  test('a page starts after a user even where that user is not there', async () => {
    const { ordered, find } = await setUp();
    const [first = '', second] = ordered;
    expect((await find(1, `${first}\u0301`))[0]?.userId).toBe(second);
    expect(await find(9, '\u{10fffd}'.repeat(3))).toEqual([]);
  });

  test('users are asked the plan, and only those of the tenant are listed', async () => {
    const { ordered, find, driver } = await setUp();
    const some = [ordered[1]!, ordered[4]!, 'absent'];
    const listed = await find(9, undefined, planOf(oneOf('user_id', some)));
    expect(listed.map(({ userId }) => userId)).toEqual([ordered[1], ordered[4]]);
    const other = plannedUserQuery(freshPartition().tenant, planOf(eq('user_id', ordered[0]!)), []);
    expect(await driver.planned.findUsers(other, 9)).toEqual([]);
  });

  test('a user is dated from the first memory and stays once all memories are gone', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const query = plannedUserQuery(partition.tenant, ALL, []);
    const before = Date.now() - 1_000;
    await store(driver, [recordOf(partition, namedIn(partition)(1))]);
    const [user] = await driver.planned.findUsers(query, 9);
    expect(user?.createdAt.getTime()).toBeGreaterThanOrEqual(before);
    await store(driver, [recordOf(partition, namedIn(partition)(2))]);
    const targets = [1, 2].map((n) => ({ id: namedIn(partition)(n), version: 1 }));
    expect(await driver.planned.remove(everythingIn(partition), targetsOf(targets), at(1), 0)).toBe(2);
    expect(await driver.planned.findUsers(query, 9)).toEqual([user]);
  });
});

import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { namespaced } from '../../src/model/namespace.js';
import { describeStores } from './support/stores.js';

describeStores('Documents of the product itself', (fixture) => {
  const names = () => ({ values: fixture().driver.values, namespace: `n-${randomUUID()}` });

  test('of several that put a value under one key at once, one does', async () => {
    const { values, namespace } = names();
    const other = (await fixture().open()).values;
    const put = await Promise.all([values, other, values, other].map((one, at) => one.insert(namespace, 'k', `${at}`)));
    expect(put.filter(Boolean)).toHaveLength(1);
    expect(await values.get(namespace, 'k')).toEqual({ value: String(put.indexOf(true)), version: 1 });
  });

  test('a namespace with a slash is refused by every call, so that no two of them ever meet', async () => {
    const { values, namespace } = names();
    const bad = `${namespace}/x`;
    const soon = new Date(Date.now() + 60_000);
    for (const call of [
      () => values.get(bad, 'k'),
      () => values.insert(bad, 'k', 'v'),
      () => values.replace(bad, 'k', 1, 'v'),
      () => values.remove(bad, 'k'),
      () => values.list(bad, 9),
      () => values.add(bad, 'k', 1, soon),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'internal' });
    expect(await values.list(namespace, 9)).toEqual([]);
  });

  test('a value is replaced and removed only at the version that was read', async () => {
    const { values, namespace } = names();
    await values.insert(namespace, 'k', 'one');
    expect(await values.replace(namespace, 'k', 2, 'no')).toBe(false);
    const put = await Promise.all(['a', 'b', 'c'].map((value) => values.replace(namespace, 'k', 1, value)));
    expect(put.filter(Boolean)).toHaveLength(1);
    expect((await values.get(namespace, 'k'))?.version).toBe(2);
    expect(await values.remove(namespace, 'k', 1)).toBe(false);
    expect(await values.remove(namespace, 'k', 2)).toBe(true);
    expect(await values.remove(namespace, 'k')).toBe(false);
    expect(await values.get(namespace, 'k')).toBeUndefined();
  });

  test('a namespace lists its own keys, by their bytes, whatever others are called like', async () => {
    const { values, namespace } = names();
    const keys = ['b', 'a', 'a/b', 'ä', '\u{1f600}', '\uff5e', 'B'];
    for (const key of keys) await values.insert(namespace, key, key);
    for (const like of [`${namespace}x`, `${namespace}0`, namespace.slice(0, -1)])
      await values.insert(like, 'a', 'other');
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const first = await values.list(namespace, 3);
    const rest = await values.list(namespace, 9, first.at(-1)?.key);
    expect([...first, ...rest].map(({ key }) => key)).toEqual(sorted);
  });

  test('a counter misses nothing of what several add at once', async () => {
    const { values, namespace } = names();
    const other = (await fixture().open()).values;
    const later = new Date(Date.now() + 60_000);
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? values : other).add(namespace, 'c', 1, later)),
    );
    expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect((await values.get(namespace, 'c'))?.value).toBe('20');
  });

  test('what has expired is absent, can be put anew, and is taken away', async () => {
    const { values, namespace } = names();
    let now = new Date('2030-01-01T00:00:00Z');
    const kept = namespaced<string>(values, namespace, () => now);
    expect(await kept.insert('k', 'one', new Date('2030-01-02T00:00:00Z'))).toBe(true);
    await kept.insert('stays', 'one');
    expect(await kept.insert('k', 'two')).toBe(false);
    now = new Date('2030-01-02T00:00:00Z');
    expect(await kept.get('k')).toBeUndefined();
    expect((await kept.list(9)).map(({ key }) => key)).toEqual(['stays']);
    expect(await kept.insert('k', 'two', new Date('2030-01-03T00:00:00Z'))).toBe(true);
    expect((await kept.get('k'))?.value).toBe('two');
    await values.removeExpired(new Date('2030-01-04T00:00:00Z'), 100);
    expect(await values.get(namespace, 'k')).toBeUndefined();
    expect(await values.get(namespace, 'stays')).toBeDefined();
  });
});

import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { codeOf, everythingIn, namedIn, recordOf, store } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

describeStores('Keys and the state of a store', (fixture) => {
  test('S12: all that ask first for a key of a purpose get one and the same', async () => {
    const { driver, open } = fixture();
    const other = await open();
    const purpose = `purpose-${randomUUID()}`;
    const asked = [driver, other, driver, other].map(({ service }) => service.currentKey(purpose));
    const [first, ...rest] = await Promise.all(asked);
    expect(first?.secret).toHaveLength(32);
    expect(first?.purpose).toBe(purpose);
    for (const key of rest) expect(key).toEqual(first);
    expect(await (await open()).service.currentKey(purpose)).toEqual(first);
    expect(await other.service.keyById(first!.id)).toEqual(first);
  });

  test('keys of two purposes are two, and what names no key gives none', async () => {
    const { service } = fixture().driver;
    const [one, two] = await Promise.all([service.currentKey('one'), service.currentKey('two')]);
    expect(one.id).not.toBe(two.id);
    expect(one.secret.equals(two.secret)).toBe(false);
    for (const id of [randomUUID(), 'one', 'current:one', 'schema', ''])
      expect(await service.keyById(id)).toBeUndefined();
  });

  test('a name is bound once; what is bound until a time is taken away from then on, and nothing else is', async () => {
    const { service } = fixture().driver;
    const family = `family-${randomUUID()}.`;
    const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
    expect(await service.bound(`${family}a`, 'first', at(1))).toBe('first');
    expect(await service.bound(`${family}a`, 'second', at(9))).toBe('first');
    expect(await service.bound(`${family}b`, 'later', at(2))).toBe('later');
    expect(await service.bound(`${family}c`, 'for ever')).toBe('for ever');
    expect(await service.bound(`other-${family}`, 'other', at(1))).toBe('other');
    expect(await service.unbind(family, at(0))).toBe(0);
    expect(await service.unbind(family, at(1))).toBe(1);
    expect(await service.bound(`${family}a`)).toBeUndefined();
    expect(await service.bound(`${family}b`)).toBe('later');
    expect(await service.bound(`${family}a`, 'third', at(1))).toBe('third');
    expect(await service.unbind(family, at(1_000))).toBe(2);
    expect(await service.bound(`${family}c`)).toBe('for ever');
    expect(await service.bound(`other-${family}`)).toBe('other');
  });

  test('migrate may run again, also at once with another, and keeps what is there', async () => {
    const { driver, open } = fixture();
    const other = await open();
    const partition = freshPartition();
    const record = recordOf(partition, namedIn(partition)(1));
    await store(driver, [record]);
    const key = await driver.service.currentKey('kept');
    await Promise.all([driver.migrate(), other.migrate()]);
    await driver.migrate();
    await driver.assertMigrated();
    expect(await other.planned.find(everythingIn(partition), 9)).toEqual([record]);
    expect(await other.service.currentKey('kept')).toEqual(key);
  }, 120_000);

  test('a prepared store is found in order', async () => {
    const findings = await fixture().driver.diagnose();
    expect(findings.length).toBeGreaterThan(2);
    // The servers of the tests run without authorization, which is told, and by test/contract/mongodb/walls.
    expect(findings.filter(({ ok, check }) => !ok && check !== 'authorization')).toEqual([]);
  });

  test('S1: malformed records are counted, and nobody reads them', async () => {
    const { driver, raw } = fixture();
    const { userId } = freshPartition();
    const partition = { tenant: 'default', userId };
    const id = namedIn(partition);
    const planted = [
      { ...recordOf(partition, id(1)), sensitivity: 'PUBLIC' },
      { ...recordOf(partition, id(2)), occurred_at: 'yesterday' },
    ];
    for (const row of planted) await raw.plant(userId, row as unknown as Record<string, unknown>);
    const found = (await driver.diagnose()).find(({ check }) => check === 'malformed records');
    expect(found).toEqual({
      check: 'malformed records',
      ok: false,
      message: expect.stringMatching(/^2 records are malformed/),
    });
  });

  test('a closed store says so with an error of the table', async () => {
    const other = await fixture().open();
    await other.close();
    const partition = freshPartition();
    expect(await codeOf(other.planned.find(everythingIn(partition), 1))).toBe('store_unavailable');
    expect(await codeOf(store(other, [recordOf(partition, namedIn(partition)(1))]))).toBe('store_unavailable');
  });
});

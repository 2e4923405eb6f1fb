import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ApiKeys } from '../../src/identity/api-keys.js';
import { jwtVerifier } from '../../src/identity/jwt.js';
import { servicesOf } from '../../src/internals.js';
import { ADMIN, describeOnEachStore, handClock, outcome, type Opened } from '../support/warden.js';
import { newKey, optionsFor, signer } from './issuer.js';

const AGENT = { role: 'agent', users: ['alice'] } as const;

describeOnEachStore('API keys', (open) => {
  test('G31: one that is revoked is refused at the next request, in another process too', async () => {
    const opened = await open();
    const second = await opened.again();
    const { key, credential } = await opened.warden.credentials.create(ADMIN, AGENT);
    const elsewhere = servicesOf(second).apiKeys;
    expect(await elsewhere.authenticate(key)).toMatchObject({ id: credential.id, grant: { role: 'agent' } });
    await opened.warden.credentials.revoke(ADMIN, credential.id);
    expect(await elsewhere.authenticate(key)).toBeUndefined();
    const again = await second.credentials.revoke(ADMIN, credential.id);
    expect(again.revokedAt).toBe((await opened.warden.credentials.list(ADMIN))[0]?.revokedAt);
    expect(await outcome(() => second.credentials.revoke(ADMIN, 'none'))).toBe('credential_not_found');
  });

  test('G31: one that is revoked is refused at the next request, also while others with it are in flight', async () => {
    const { warden } = await open();
    const { apiKeys } = servicesOf(warden);
    const { key, credential } = await warden.credentials.create(ADMIN, AGENT);
    const { key: other } = await warden.credentials.create(ADMIN, AGENT);
    const ask = (asked: string) => Array.from({ length: 8 }, () => apiKeys.authenticate(asked));
    expect((await Promise.all(ask(key))).every(Boolean)).toBe(true);
    const inFlight = ask(key);
    let isRevoked = false;
    const revoking = warden.credentials.revoke(ADMIN, credential.id).finally(() => (isRevoked = true));
    for (let turn = 0; turn < 10_000 && !isRevoked; turn += 1) {
      if (inFlight.length < 2_000) inFlight.push(...ask(key));
      await new Promise(setImmediate);
    }
    await revoking;
    // How many of those are still waited for is chance; test/contract/mongodb/revoked.test.ts keeps readings back.
    inFlight.push(...ask(key));
    const after = await Promise.all(inFlight.splice(-8));
    expect(after).toEqual(Array.from({ length: 8 }, () => undefined));
    expect((await Promise.all(ask(other))).every(Boolean)).toBe(true);
    await Promise.all(inFlight);
  });

  test('G31: a token that is voided is refused at the next request, in another process too', async () => {
    const clock = handClock();
    const opened = await open({ clock });
    const second = await opened.again();
    const issuer = await newKey('k1');
    const verify = jwtVerifier(optionsFor(issuer), servicesOf(opened.warden));
    const token = await signer(clock)(issuer);
    expect(await verify(token)).toBeDefined();
    clock.forward(1_000);
    const { notBefore } = await second.credentials.voidTokens(ADMIN, 'alice');
    expect(notBefore).toBe(clock().toISOString());
    expect(await verify(token)).toBeUndefined();
  });

  test('one that expires is refused from that moment on, 0 ms after it', async () => {
    const clock = handClock();
    const { warden } = await open({ clock });
    const expiresAt = new Date(clock().getTime() + 60_000);
    const { key } = await warden.credentials.create(ADMIN, { ...AGENT, expiresAt });
    const { apiKeys } = servicesOf(warden);
    clock.forward(59_999);
    expect(await apiKeys.authenticate(key)).toBeDefined();
    clock.forward(1);
    expect(await apiKeys.authenticate(key)).toBeUndefined();
    clock.forward(1);
    expect(await apiKeys.authenticate(key)).toBeUndefined();
  });

  test('tell when they were last used, at most a minute late, and one that was only tried with a wrong secret does not', async () => {
    const clock = handClock();
    const { warden } = await open({ clock });
    const { key } = await warden.credentials.create(ADMIN, AGENT);
    const { apiKeys } = servicesOf(warden);
    const lastUsed = async () => (await warden.credentials.list(ADMIN))[0]?.lastUsedAt;
    const settled = async (at: string) => {
      for (let i = 0; i < 500 && (await lastUsed()) !== at; i += 1) await new Promise(setImmediate);
      return lastUsed();
    };
    const wrong = `${key.slice(0, -2)}${key.endsWith('AA') ? 'BB' : 'AA'}`;
    expect(await apiKeys.authenticate(wrong)).toBeUndefined();
    expect(await lastUsed()).toBeUndefined();
    const first = clock().toISOString();
    await apiKeys.authenticate(key);
    expect(await settled(first)).toBe(first);
    clock.forward(59_999);
    await apiKeys.authenticate(key);
    expect(await settled('never')).toBe(first);
    clock.forward(1);
    await apiKeys.authenticate(key);
    expect(await settled(clock().toISOString())).toBe(clock().toISOString());
  });

  test('are kept as hashes: no part of a secret is in the store, in a list, in an error or in the log', async () => {
    const { warden, driver } = await open();
    const { key, credential } = await warden.credentials.create(ADMIN, AGENT);
    const secret = key.slice(-43);
    await servicesOf(warden).apiKeys.authenticate(key);
    const stored = [await driver.values.list('credentials', 10), await driver.values.list('credential-uses', 10)];
    const shown = [credential, await warden.credentials.list(ADMIN), await warden.audit(ADMIN).query(), stored];
    for (const part of [secret, secret.slice(0, 12), secret.slice(-12)])
      expect(JSON.stringify(shown)).not.toContain(part);
    expect(await outcome(() => warden.credentials.revoke(ADMIN, key))).toBe('credential_not_found');
    const error = (await warden.credentials.revoke(ADMIN, key).catch((thrown: unknown) => thrown)) as Error;
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secret.slice(0, 12));
  });

  test('who may not manage credentials neither makes, lists, revokes nor voids any', async () => {
    const { warden } = await open();
    const agent = { id: 'bot', role: 'agent', userId: 'alice' };
    for (const call of [
      () => warden.credentials.create(agent, { role: 'admin', users: 'any' }),
      () => warden.credentials.list(agent),
      () => warden.credentials.revoke(agent, 'x'),
      () => warden.credentials.voidTokens(agent, 'alice'),
    ])
      expect(await outcome(call)).toBe('forbidden');
    expect(await warden.credentials.list(ADMIN)).toEqual([]);
  });

  test('a prefix that is not known takes the same steps as a secret that is wrong: one look at the store', async () => {
    const { warden, driver } = await open();
    const { key } = await warden.credentials.create(ADMIN, AGENT);
    const calls: unknown[] = [];
    const values = new Proxy(driver.values, {
      get:
        (target, name) =>
        (...args: unknown[]) => (
          calls.push([name, args[0]]),
          (target[name as 'get'] as (...all: unknown[]) => unknown).apply(target, args)
        ),
    });
    const apiKeys = new ApiKeys(values, () => new Date(), servicesOf(warden).nameOf);
    const steps: unknown[] = [];
    for (const one of [
      `${key.slice(0, -1)}${key.endsWith('A') ? 'E' : 'A'}`,
      `mw_${'x'.repeat(12)}_${key.slice(-43)}`,
    ]) {
      expect(await apiKeys.authenticate(one)).toBeUndefined();
      steps.push(calls.splice(0));
    }
    expect(steps).toEqual([[['get', 'credentials']], [['get', 'credentials']]]);
  });
});

describeOnEachStore('S19: who can write to the database and has no keys', (open) => {
  const rowsOf = async ({ driver }: Opened) => driver.values.list('credentials', 10);
  const parsed = (value: string) => JSON.parse(value) as Record<string, unknown>;

  test('makes no credential: a row with the hash of a key of theirs is of nobody', async () => {
    const opened = await open();
    const { apiKeys } = servicesOf(opened.warden);
    await opened.warden.credentials.create(ADMIN, AGENT);
    const [row] = await rowsOf(opened);
    const prefix = 'x'.repeat(12);
    const key = `mw_${prefix}_${'A'.repeat(43)}`;
    const hash = createHash('sha256').update(key).digest('base64');
    const value = { ...parsed(row!.value), hash, grant: { role: 'admin', users: 'any', purposes: 'any' } };
    expect(await opened.driver.values.insert('credentials', prefix, JSON.stringify(value))).toBe(true);
    expect(await apiKeys.authenticate(key)).toBeUndefined();
    expect(await opened.warden.credentials.list(ADMIN)).toHaveLength(1);
  });

  test('changes nothing of a credential: grant, line, expiry or what authenticates it', async () => {
    const opened = await open();
    const { warden, driver } = opened;
    const { apiKeys } = servicesOf(warden);
    const { key } = await warden.credentials.create(ADMIN, AGENT);
    const [first] = await rowsOf(opened);
    const put = async (value: object) => {
      const [now] = await rowsOf(opened);
      return driver.values.replace('credentials', now!.key, now!.version, JSON.stringify(value));
    };
    const value = parsed(first!.value);
    for (const changed of [
      { ...value, grant: { role: 'admin', users: 'any', purposes: 'any' } },
      { ...value, line: 'another' },
      { ...value, expiresAt: '2999-01-01T00:00:00.000Z' },
      { ...value, mac: undefined },
      { ...value, mac: '' },
    ]) {
      expect(await put(changed)).toBe(true);
      expect(await apiKeys.authenticate(key)).toBeUndefined();
    }
    await put(value);
    expect(await apiKeys.authenticate(key)).toBeDefined();
  });

  test('has nothing made right by an erasure: a row that is not whole goes', async () => {
    const opened = await open({ acts: { wait: () => Promise.resolve() } });
    const { warden, driver } = opened;
    const { key } = await warden.credentials.create(ADMIN, { role: 'agent', users: ['alice', 'bob'] });
    const [row] = await rowsOf(opened);
    const changed = { ...parsed(row!.value), grant: { role: 'admin', users: ['alice', 'bob'], purposes: 'any' } };
    await driver.values.replace('credentials', row!.key, row!.version, JSON.stringify(changed));
    await warden.scope(ADMIN, 'alice').add('something');
    await warden.keys.erase(ADMIN, 'alice');
    expect(await rowsOf(opened)).toEqual([]);
    expect(await servicesOf(warden).apiKeys.authenticate(key)).toBeUndefined();
  });
});

test('hashes are compared in constant time', () => {
  const source = readFileSync(new URL('../../src/identity/api-keys.ts', import.meta.url), 'utf8');
  expect(source).toMatch(/timingSafeEqual\(hashOf\(key\), stored\)/);
  expect(source).not.toMatch(/hash\w* ?[!=]==|[!=]== ?\w*\.?hash|\.equals\(/i);
});

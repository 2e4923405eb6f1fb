import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contextBytes } from '../../../src/crypto/kms/binding.js';
import type { KeyContext, Kms } from '../../../src/model/kms.js';
import { outcome } from '../../support/warden.js';
import { ALICE } from './support/context.js';
import { DRIVERS, type Setting } from './support/drivers.js';

const names = Object.keys(DRIVERS);
const SEED = 4_016;

describe.each(names)('the driver %s', (name) => {
  let setting: Setting;
  let kms: Kms;
  const key = randomBytes(32);

  beforeEach(async () => {
    setting = await (DRIVERS[name] as () => Promise<Setting>)();
    kms = await setting.open();
  });
  afterEach(async () => {
    await kms.close();
    await setting.stop();
  });

  test.each([16, 32, 33, 64, 1_024])('G16: opens a key of %i bytes that it wrapped', async (length) => {
    const secret = randomBytes(length);
    const copy = Buffer.from(secret);
    const wrapped = await kms.wrap(secret, ALICE);
    expect(Buffer.from(await kms.unwrap(wrapped, { ...ALICE }))).toEqual(copy);
    expect(secret).toEqual(copy);
  });

  test('S23: a key opens for its tenant, user, key id and purpose, and for no other', async () => {
    const wrapped = await kms.wrap(key, ALICE);
    const others: KeyContext[] = [
      { ...ALICE, tenant: 'defaul' },
      { ...ALICE, userId: 'bob@example.com' },
      { ...ALICE, userId: 'Alice@example.com' },
      { ...ALICE, userId: `${ALICE.userId} ` },
      { ...ALICE, keyId: ALICE.keyId.replace('4', '5') },
      { ...ALICE, purpose: 'pseudonym' },
      // The same text, parted elsewhere.
      { ...ALICE, tenant: `${ALICE.tenant}a`, userId: ALICE.userId.slice(1) },
      { ...ALICE, userId: ALICE.userId + ALICE.keyId, keyId: '' },
      { ...ALICE, tenant: ALICE.userId, userId: ALICE.tenant },
    ];
    for (const other of others)
      expect([other, await outcome(() => kms.unwrap(wrapped, other))]).toEqual([other, 'key_refused']);
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
  });

  test('S23: a wrapped key of which one bit, the end or the beginning is another opens nothing', async () => {
    const wrapped = Buffer.from(await kms.wrap(key, ALICE));
    const damaged = [...wrapped.keys()].map((at) => {
      const copy = Buffer.from(wrapped);
      copy[at] = (copy[at] as number) ^ (1 << (at % 8));
      return copy;
    });
    const cut = [0, 1, 2, 3, 10, 40, wrapped.length - 17, wrapped.length - 1].map((end) => wrapped.subarray(0, end));
    damaged.push(...cut, Buffer.concat([wrapped, Buffer.of(0)]), wrapped.subarray(1), Buffer.alloc(20_000, 1));
    const codes = [];
    for (const bytes of damaged) codes.push(await outcome(() => kms.unwrap(bytes, ALICE)));
    expect(codes.map((code, i) => [i, code]).filter(([, code]) => code !== 'key_refused')).toEqual([]);
    expect(codes.length).toBeGreaterThan(100);
  });

  test('G16: a key that another key-encryption key of the driver wrapped is refused', async () => {
    const other = await setting.openOther();
    const wrapped = await other.wrap(key, ALICE);
    expect(await outcome(() => kms.unwrap(wrapped, ALICE))).toBe('key_refused');
    expect(other.kekId).not.toBe(kms.kekId);
    await other.close();
  });

  test('G16: a key that another driver wrapped is refused', async () => {
    for (const foreign of names.filter((one) => one !== name)) {
      const elsewhere = await (DRIVERS[foreign] as () => Promise<Setting>)();
      const other = await elsewhere.open();
      const wrapped = await other.wrap(key, ALICE);
      const refusal = await kms.unwrap(wrapped, ALICE).catch((error: unknown) => error);
      const detail = { driver: name, reason: `wrapped by the driver ${foreign}` };
      expect(refusal).toMatchObject({ code: 'key_refused', detail });
      await other.close();
      await elsewhere.stop();
    }
  });

  test('G14: after the key-encryption key was rotated, what the old one wrapped opens, and new wraps name the new', async () => {
    // An owner key has no versions: its successor is another key, as any other driver would be.
    if (name === 'client-held') return expect(setting.rotate).toBeUndefined();
    if (!setting.rotate) throw new Error('it does not rotate');
    const old = await kms.wrap(key, ALICE);
    const before = kms.kekId;
    const rotated = await setting.rotate();
    expect(rotated.kekId).not.toBe(before);
    const opened = await rotated.unwrap(old, ALICE);
    expect(Buffer.from(opened)).toEqual(key);
    const rewrapped = await rotated.wrap(opened, ALICE);
    expect(Buffer.from(await rotated.unwrap(rewrapped, ALICE))).toEqual(key);
    expect(rotated.kekId).not.toBe(before);
    await rotated.close();
  });

  test('G14: a key moves to another key-encryption key by two open services, and opens under that alone', async () => {
    const other = await setting.openOther();
    const moved = await other.wrap(await kms.unwrap(await kms.wrap(key, ALICE), ALICE), ALICE);
    expect(Buffer.from(await other.unwrap(moved, ALICE))).toEqual(key);
    expect(await outcome(() => kms.unwrap(moved, ALICE))).toBe('key_refused');
    await other.close();
  });

  test('S23: two wraps of one key share nothing but their header, and hold neither key nor user id', async () => {
    const [one, two] = [Buffer.from(await kms.wrap(key, ALICE)), Buffer.from(await kms.wrap(key, ALICE))];
    expect(one.subarray(60).equals(two.subarray(60))).toBe(false);
    for (const wrapped of [one, two]) {
      for (const secret of [key, Buffer.from(ALICE.userId), Buffer.from(ALICE.keyId)])
        for (const text of [secret.toString('latin1'), secret.toString('base64'), secret.toString('hex')])
          expect(wrapped.toString('latin1')).not.toContain(text);
    }
  });

  test('what is handed out is a copy: who wipes it takes it from nobody else', async () => {
    const wrapped = await kms.wrap(key, ALICE);
    const copies = await Promise.all([1, 2, 3].map(() => kms.unwrap(wrapped, ALICE)));
    copies[0]?.fill(0);
    expect(copies.slice(1).map((copy) => Buffer.from(copy))).toEqual([key, key]);
    expect(Buffer.from(await kms.unwrap(wrapped, ALICE))).toEqual(key);
  });

  test('S3: a context or a key that is malformed is refused before anything is wrapped', async () => {
    const contexts = [
      { ...ALICE, userId: 'a\ud800' },
      { ...ALICE, keyId: '\udc00' },
      { ...ALICE, tenant: 7 },
      { ...ALICE, purpose: '' },
      { ...ALICE, purpose: 'Data' },
      { ...ALICE, purpose: 'data\n' },
      { ...ALICE, purpose: undefined },
    ] as KeyContext[];
    for (const context of contexts) expect(await outcome(() => kms.wrap(key, context))).toBe('invalid_argument');
    for (const length of [0, 15, 1_025])
      expect(await outcome(() => kms.wrap(Buffer.alloc(length, 1), ALICE))).toBe('invalid_argument');
  });

  test('closed, it neither wraps nor opens', async () => {
    const wrapped = await kms.wrap(key, ALICE);
    await kms.close();
    await kms.close();
    expect(await outcome(() => kms.wrap(key, ALICE))).toBe('closed');
    expect(await outcome(() => kms.unwrap(wrapped, ALICE))).toBe('closed');
  });

  test('S23: no context opens what was wrapped for another, whatever the two are', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 }).filter((one) => one.isWellFormed());
    const context = fc.record({ tenant: text, userId: text, keyId: text, purpose: fc.constantFrom('data', 'datb') });
    await fc.assert(
      fc.asyncProperty(context, context, async (one, other) => {
        const wrapped = await kms.wrap(key, one);
        const same = contextBytes(one).equals(contextBytes(other));
        expect(same).toBe(JSON.stringify(one) === JSON.stringify(other));
        expect(await outcome(() => kms.unwrap(wrapped, one))).not.toBe('key_refused');
        if (!same) expect(await outcome(() => kms.unwrap(wrapped, other))).toBe('key_refused');
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});

test('S23: the parts of a context are never taken for one another, however they are cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\0', '\u0001', 'é'), maxLength: 4 });
  const parts = fc.record({ tenant: text, userId: text, keyId: text, purpose: fc.constantFrom('a', 'aa') });
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      expect(contextBytes(one).equals(contextBytes(other))).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
    { seed: SEED, numRuns: 5_000 },
  );
});

import { createDecipheriv } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decrypt, encrypt } from '../../../src/crypto/seal/aead.js';
import { openValue, sealValue, SEALED_OVERHEAD, type Place } from '../../../src/crypto/seal/sealed-value.js';
import { codeOf, keyOf, keysOf } from './setting.js';

const keys = keysOf('alice');
const PLACE: Place = { tenant: 'default', user_id: 'alice', id: 'm1', version: 1 };
const seal = (plain: string | Uint8Array) => sealValue(keys, PLACE, 'memory', 'content', plain);
const open = (sealed: unknown) => openValue(keys, PLACE, 'memory', 'content', sealed);
const refused = (sealed: unknown) => expect(codeOf(() => open(sealed))).toBe('unauthentic');

// Everything that any decipher lets out on the way, as it is when it is looked at: the very buffers.
const prototype = Object.getPrototypeOf(createDecipheriv('aes-256-gcm', keyOf('x'), Buffer.alloc(12))) as {
  update: (...args: unknown[]) => Buffer;
};
const update = prototype.update;
function watch(): Buffer[] {
  const out: Buffer[] = [];
  prototype.update = function (this: unknown, ...args: unknown[]) {
    const bytes = update.apply(this, args);
    out.push(bytes);
    return bytes;
  };
  return out;
}
afterEach(() => {
  prototype.update = update;
});

describe('A sealed value', () => {
  test('any text and any bytes come back as they were', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })), (plain) => {
        const sealed = seal(plain);
        const bytes = Buffer.from(plain as string);
        expect(sealed).toHaveLength(SEALED_OVERHEAD + bytes.length);
        expect(open(sealed).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('64 KiB come back, and nothing of them stands in what is sealed', () => {
    const text = '東京'.repeat(10_922);
    const sealed = seal(text);
    expect(open(sealed).toString()).toBe(text);
    expect(sealed.includes('東')).toBe(false);
  });

  test('it is opened from any view of bytes, wherever in its buffer it begins', () => {
    const sealed = seal('hello');
    const wide = new Uint8Array(sealed.length + 20);
    wide.set(sealed, 7);
    expect(open(wide.subarray(7, 7 + sealed.length)).toString()).toBe('hello');
  });

  test('no initialisation vector serves twice, and the same text never looks the same', () => {
    const ivs = new Set<string>();
    const texts = new Set<string>();
    for (let i = 0; i < 10_000; i += 1) {
      const sealed = seal('the same text');
      ivs.add(sealed.toString('hex', 49, 61));
      texts.add(sealed.toString('hex', 61));
    }
    expect([ivs.size, texts.size]).toEqual([10_000, 10_000]);
    // No byte of them stands still: all of it is drawn.
    for (let at = 0; at < 12; at += 1)
      expect(new Set([...ivs].map((iv) => iv.slice(at * 2, at * 2 + 2))).size).toBe(256);
  });

  test('a text with a lone surrogate is not sealed, for it would not come back', () => {
    expect(codeOf(() => seal('a\ud800'))).toBe('internal');
  });

  test.each([
    ['no version', { ...PLACE, version: undefined }],
    ['version 0', { ...PLACE, version: 0 }],
    ['a version that is a text', { ...PLACE, version: '1' }],
    ['a version beyond the safe integers', { ...PLACE, version: 2 ** 53 }],
    ['no owner', { ...PLACE, user_id: undefined }],
    ['owners in a list', { ...PLACE, user_id: ['alice'] }],
    ['an owner with a lone surrogate', { ...PLACE, user_id: 'a\udc00' }],
    ['a tenant that is an object', { ...PLACE, tenant: {} }],
    ['an id that is a number', { ...PLACE, id: 1 }],
  ])('a place with %s is none: nothing is sealed there and nothing opens there', (_, place) => {
    const sealed = seal('hello');
    expect(codeOf(() => sealValue(keys, place as never, 'memory', 'content', 'hello'))).toBe('internal');
    expect(codeOf(() => openValue(keys, place as never, 'memory', 'content', sealed))).toBe('unauthentic');
  });

  test.each([
    ['memory', 'password'],
    ['memory', '__proto__'],
    ['deleted', 'content'],
    ['bare', 'content'],
    ['toString', 'content'],
  ])('there is no sealed field of kind %s and name %s', (kind, field) => {
    expect(codeOf(() => sealValue(keys, PLACE, kind as never, field as never, 'x'))).toBe('internal');
    expect(codeOf(() => openValue(keys, PLACE, kind as never, field as never, seal('x')))).toBe('unauthentic');
  });
});

describe('G11: what is not whole and unchanged', () => {
  const texts = ['', 'x', '0123456789abcdef', 'y'.repeat(300)];

  test('G11: every tag of 0 to 15 bytes is refused', () => {
    for (const text of texts) {
      const sealed = seal(text);
      const [body, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)];
      for (let length = 0; length < 16; length += 1) {
        refused(Buffer.concat([body, tag.subarray(0, length)]));
        refused(Buffer.concat([body, tag.subarray(16 - length)]));
      }
    }
  });

  test('G11: the cipher itself takes no tag but a whole one', () => {
    const iv = Buffer.alloc(12, 7);
    for (const text of texts) {
      const { text: sealed, tag } = encrypt(keyOf('k'), iv, Buffer.alloc(0), text);
      for (let length = 0; length < 16; length += 1)
        expect(decrypt(keyOf('k'), iv, Buffer.alloc(0), sealed, tag.subarray(0, length))).toBeUndefined();
      expect(decrypt(keyOf('k'), iv, Buffer.alloc(0), sealed, tag)?.toString()).toBe(text);
      expect(decrypt(keyOf('k'), iv, Buffer.alloc(0), sealed, Buffer.concat([tag, tag]))).toBeUndefined();
    }
  });

  test('G11: a value cut off or lengthened anywhere is refused', () => {
    const sealed = seal('y'.repeat(40));
    for (let length = 0; length < sealed.length; length += 1) {
      refused(sealed.subarray(0, length));
      refused(sealed.subarray(sealed.length - length));
    }
    for (const more of [Buffer.alloc(1), Buffer.alloc(16), sealed]) {
      refused(Buffer.concat([sealed, more]));
      refused(Buffer.concat([more, sealed]));
    }
  });

  test('G11: every single bit that is flipped is found', () => {
    const sealed = seal('z'.repeat(50));
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      refused(changed);
    }
  });

  test('G11: 0 bytes come out of a failure, and what was decrypted on the way is overwritten', () => {
    const secret = 'nobody shall read this '.repeat(20);
    const sealed = seal(secret);
    const out = watch();
    for (let bit = 61 * 8; bit < sealed.length * 8; bit += 13) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      refused(changed);
    }
    expect(out.length).toBeGreaterThan(100);
    expect(out.every((bytes) => bytes.length === secret.length && bytes.equals(Buffer.alloc(bytes.length)))).toBe(true);
    out.length = 0;
    expect(open(sealed).toString()).toBe(secret);
    expect(out.map(String)).toEqual([secret]);
  });

  test('S23: another format version, key id or commitment is refused before anything is decrypted', () => {
    const sealed = seal('hello');
    const out = watch();
    for (let at = 0; at < 49; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 0x80;
      refused(changed);
    }
    expect(out).toEqual([]);
    open(sealed);
    expect(out).toHaveLength(1);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'in clear'],
    ['the bytes as a text', seal('hello').toString('latin1')],
    ['a list of bytes', [...seal('hello')]],
    ['other numbers', new Uint16Array(seal('hello'))],
    ['an ArrayBuffer', new ArrayBuffer(100)],
    ['an object that looks like bytes', { length: 100, 0: 1 }],
    ['a made-up Buffer', Object.create(Buffer.prototype)],
    ['a number', 77],
  ])('G11: %s is no sealed value', (_, value) => refused(value));

  test('invariant 10: the error says nothing about what it met', () => {
    const sealed = seal('topsecret');
    const error = (value: unknown) => {
      try {
        open(value);
        return 'opened';
      } catch (thrown) {
        const { message, detail, cause } = thrown as Error & { detail: unknown };
        return JSON.stringify([thrown, message, detail, cause ?? null]);
      }
    };
    const wrong = Buffer.from(sealed);
    wrong[0] = 2;
    const flipped = Buffer.from(sealed);
    flipped[70] = (flipped[70] as number) ^ 1;
    const all = [error(wrong), error(flipped), error('text'), error(sealed.subarray(0, 60))];
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toContain('topsecret');
  });
});

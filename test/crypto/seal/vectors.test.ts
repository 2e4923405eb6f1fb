import { createHmac, hkdfSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { decrypt, encrypt } from '../../../src/crypto/seal/aead.js';

const hex = (text: string) => Buffer.from(text, 'hex');

interface GcmCase {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

function expectGcm({ key, iv, aad, msg, ct, tag }: GcmCase): void {
  const sealed = encrypt(hex(key), hex(iv), hex(aad), hex(msg));
  expect([sealed.text.toString('hex'), sealed.tag.toString('hex')]).toEqual([ct, tag]);
  expect(decrypt(hex(key), hex(iv), hex(aad), hex(ct), hex(tag))?.toString('hex')).toBe(msg);
}

// McGrew and Viega, The Galois/Counter Mode of Operation, appendix B: the test cases of the mode that NIST
// SP 800-38D specifies.
const KEY = 'feffe9928665731c6d6a8f9467308308'.repeat(2);
const TEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
  '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255';
const SEALED =
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
  '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad';
const ZERO = { key: '00'.repeat(32), iv: '00'.repeat(12), aad: '' };
const IV = 'cafebabefacedbaddecaf888';
const GCM: readonly (readonly [number, GcmCase])[] = [
  [13, { ...ZERO, msg: '', ct: '', tag: '530f8afbc74536b9a963b4f1c4cb738b' }],
  [
    14,
    { ...ZERO, msg: '00'.repeat(16), ct: 'cea7403d4d606b6e074ec5d3baf39d18', tag: 'd0d1c8a799996bf0265b98b5d48ab919' },
  ],
  [15, { key: KEY, iv: IV, aad: '', msg: TEXT, ct: SEALED, tag: 'b094dac5d93471bdec1a502270e3cc6c' }],
  [
    16,
    {
      key: KEY,
      iv: IV,
      aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      msg: TEXT.slice(0, 120),
      ct: SEALED.slice(0, 120),
      tag: '76fc6ece0f4e1768cddf8853bb2d551b',
    },
  ],
];

describe('G10: published vectors', () => {
  test.each(GCM)('G10: AES-256-GCM, NIST SP 800-38D: test case %i', (_, one) => expectGcm(one));

  test.each([
    [
      'A.1',
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    ['A.3', '', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
  ])('G10: HKDF-SHA-256, RFC 5869 %s', (_, salt, info, okm) => {
    expect(Buffer.from(hkdfSync('sha256', hex('0b'.repeat(22)), hex(salt), hex(info), 42)).toString('hex')).toBe(okm);
  });

  test.each([
    [1, '0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      2,
      Buffer.from('Jefe').toString('hex'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      6,
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('G10: HMAC-SHA-256, RFC 4231 test case %i', (_, key, data, mac) => {
    expect(createHmac('sha256', hex(key)).update(data).digest('hex')).toBe(mac);
  });
});

interface Wycheproof<T> {
  readonly testGroups: readonly (Readonly<Record<string, unknown>> & { readonly tests: readonly (T & Verdict)[] })[];
}
interface Verdict {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

const folder = fileURLToPath(new URL('../../../../shared/data/wycheproof/', import.meta.url));

if (!existsSync(folder)) {
  process.stderr.write('\n!! SKIPPED: the Wycheproof vectors are not in ../shared/data/wycheproof.\n\n');
  describe.skip('G10: Wycheproof', () => {
    test('SKIPPED: put the vectors into ../shared/data/wycheproof', () => undefined);
  });
} else {
  const read = <T>(name: string) =>
    (JSON.parse(readFileSync(`${folder}${name}_test.json`, 'utf8')) as Wycheproof<T>).testGroups;
  // Both verdicts must be among them, or the test shows one half only.
  const expectBoth = (verdicts: readonly string[], least: number) => {
    expect(verdicts.length).toBeGreaterThanOrEqual(least);
    expect(new Set(verdicts)).toEqual(new Set(['valid', 'invalid']));
  };

  describe('G10: Wycheproof', () => {
    test('G10: AES-GCM with 256-bit keys, 96-bit IVs and whole tags: all valid ones open, all others are refused', () => {
      const tests = read<GcmCase>('aes_gcm')
        .filter((group) => group['keySize'] === 256 && group['ivSize'] === 96 && group['tagSize'] === 128)
        .flatMap((group) => group.tests);
      expectBoth(
        tests.map(({ result }) => result),
        60,
      );
      for (const one of tests) {
        if (one.result === 'valid') expectGcm(one);
        else expect(decrypt(hex(one.key), hex(one.iv), hex(one.aad), hex(one.ct), hex(one.tag))).toBeUndefined();
      }
    });

    test('G10: HKDF-SHA-256', () => {
      const tests = read<{ ikm: string; salt: string; info: string; size: number; okm: string }>('hkdf_sha256').flatMap(
        (group) => group.tests,
      );
      expectBoth(
        tests.map(({ result }) => result),
        80,
      );
      for (const { ikm, salt, info, size, okm, result } of tests) {
        const derive = () => Buffer.from(hkdfSync('sha256', hex(ikm), hex(salt), hex(info), size)).toString('hex');
        if (result === 'valid') expect(derive()).toBe(okm);
        else expect(derive).toThrow();
      }
    });

    test('G10: HMAC-SHA-256', () => {
      const groups = read<{ key: string; msg: string; tag: string }>('hmac_sha256');
      expectBoth(
        groups.flatMap(({ tests }) => tests.map(({ result }) => result)),
        150,
      );
      for (const { tests, tagSize } of groups) {
        for (const { key, msg, tag, result } of tests) {
          const whole = createHmac('sha256', hex(key)).update(hex(msg)).digest();
          expect(whole.subarray(0, (tagSize as number) / 8).toString('hex') === tag).toBe(result === 'valid');
        }
      }
    });
  });
}

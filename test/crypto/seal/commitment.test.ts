import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decrypt } from '../../../src/crypto/seal/aead.js';
import { deriveKeys, prefixed, type DerivedKeys } from '../../../src/crypto/seal/key-schedule.js';
import { openValue, sealValue, type Place } from '../../../src/crypto/seal/sealed-value.js';
import { codeOf, idOf, keyOf } from './setting.js';

const PLACE: Place = { tenant: 'default', user_id: 'alice', id: 'm1', version: 1 };
const IV = Buffer.from('00112233445566778899aabb', 'hex');

// One key id, as an attacker who hands out keys would choose it: the associated data is the same under both.
const ID = idOf('one key id');
const ONE = deriveKeys(keyOf('one'), ID);
const TWO = deriveKeys(keyOf('two'), ID);

function associated(): Buffer {
  const version = Buffer.alloc(8);
  version.writeBigUInt64BE(1n);
  const parts = [Buffer.from([1]), 'default', 'alice', 'm1', 'memory', 'content', version, Buffer.from(ID, 'hex')];
  return Buffer.concat(parts.map((part) => prefixed(Buffer.from(part as string))));
}

// GF(2^128) as NIST SP 800-38D writes it: bit 0 is the leftmost, reduced by x^128 + x^7 + x^2 + x + 1.
const R = 0xe1n << 120n;
function times(x: bigint, y: bigint): bigint {
  let product = 0n;
  let v = y;
  for (let i = 127n; i >= 0n; i -= 1n) {
    if ((x >> i) & 1n) product ^= v;
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return product;
}

// x^(2^128 - 2), which is 1/x: the product of x^(2^i) for i from 1 to 127.
function inverse(x: bigint): bigint {
  let power = x;
  let product = 1n << 127n;
  for (let i = 1; i < 128; i += 1) {
    power = times(power, power);
    product = times(product, power);
  }
  return product;
}

const toBlock = (x: bigint) => Buffer.from(x.toString(16).padStart(32, '0'), 'hex');
const fromBlock = (block: Buffer) => BigInt(`0x${block.toString('hex')}`);
const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);

function block(key: Buffer, input: Buffer): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(input);
}

function ghash(h: bigint, data: Buffer, text: Buffer): bigint {
  const lengths = Buffer.alloc(16);
  lengths.writeBigUInt64BE(BigInt(data.length) * 8n);
  lengths.writeBigUInt64BE(BigInt(text.length) * 8n, 8);
  const all = Buffer.concat([pad(data), pad(text), lengths]);
  let y = 0n;
  for (let at = 0; at < all.length; at += 16) y = times(y ^ fromBlock(all.subarray(at, at + 16)), h);
  return y;
}

/**
 * A ciphertext with one tag that is right under two keys (Dodis, Grubbs, Ristenpart, Woodage: Fast Message Franking,
 * CRYPTO 2018; Len, Grubbs, Ristenpart: Partitioning Oracle Attacks, USENIX Security 2021). The tag is the GHASH plus
 * the encrypted counter; the last block of the text enters the GHASH as a multiple of H^2. So that both tags agree:
 * block * (H1^2 + H2^2) = the sum of all the rest under both keys.
 */
function craft(one: Buffer, two: Buffer, data: Buffer, text: Buffer): { text: Buffer; tag: Buffer } {
  const counter = Buffer.concat([IV, Buffer.from([0, 0, 0, 1])]);
  const [h1, h2] = [one, two].map((key) => fromBlock(block(key, Buffer.alloc(16)))) as [bigint, bigint];
  const [s1, s2] = [one, two].map((key) => fromBlock(block(key, counter))) as [bigint, bigint];
  const open = Buffer.concat([text, Buffer.alloc(16)]);
  const rest = ghash(h1, data, open) ^ ghash(h2, data, open) ^ s1 ^ s2;
  const solved = toBlock(times(rest, inverse(times(h1, h1) ^ times(h2, h2))));
  const whole = Buffer.concat([text, solved]);
  return { text: whole, tag: toBlock(ghash(h1, data, whole) ^ s1) };
}

describe('G13: one ciphertext, one plaintext', () => {
  const crafted = craft(ONE.encryption, TWO.encryption, associated(), Buffer.from('0123456789abcdef'.repeat(3)));
  const under = (keys: DerivedKeys) => decrypt(keys.encryption, IV, associated(), crafted.text, crafted.tag);
  const sealed = (header: Buffer) => Buffer.concat([header, IV, crafted.text, crafted.tag]);
  const open = (keys: DerivedKeys, value: Buffer) => openValue(keys, PLACE, 'memory', 'content', value);

  test('G13: AES-GCM alone takes the crafted ciphertext under both keys, and reads two different texts', () => {
    const [first, second] = [under(ONE), under(TWO)];
    expect(first).toHaveLength(64);
    expect(second).toHaveLength(64);
    expect(first?.equals(second as Buffer)).toBe(false);
  });

  test('G13: as a sealed value it opens under the key whose commitment it carries, and is refused under the other', () => {
    expect(open(ONE, sealed(ONE.header)).equals(under(ONE) as Buffer)).toBe(true);
    expect(codeOf(() => open(TWO, sealed(ONE.header)))).toBe('unauthentic');
    expect(open(TWO, sealed(TWO.header)).equals(under(TWO) as Buffer)).toBe(true);
    expect(codeOf(() => open(ONE, sealed(TWO.header)))).toBe('unauthentic');
  });

  test('G13: no other commitment helps it: mixed from both, empty, or under another key id', () => {
    const [a, b] = [ONE.header, TWO.header];
    for (let at = 17; at < 49; at += 1) {
      const mixed = Buffer.concat([a.subarray(0, at), b.subarray(at)]);
      if (!mixed.equals(a) && !mixed.equals(b))
        for (const keys of [ONE, TWO]) expect(codeOf(() => open(keys, sealed(mixed)))).toBe('unauthentic');
    }
    const empty = Buffer.concat([a.subarray(0, 17), Buffer.alloc(32)]);
    for (const keys of [ONE, TWO]) expect(codeOf(() => open(keys, sealed(empty)))).toBe('unauthentic');
    const renamed = deriveKeys(keyOf('two'), idOf('another'));
    expect(codeOf(() => open(renamed, sealed(renamed.header)))).toBe('unauthentic');
  });

  test('G13: commitments of keys and key ids differ, each from every other', () => {
    const commitments = Array.from({ length: 1_000 }, (_, i) =>
      deriveKeys(keyOf(`key ${i % 100}`), idOf(`id ${Math.floor(i / 100)}`))
        .header.subarray(17)
        .toString('hex'),
    );
    expect(new Set(commitments).size).toBe(1_000);
    const value = sealValue(ONE, PLACE, 'memory', 'content', 'hello');
    expect(value.subarray(17, 49).equals(ONE.header.subarray(17))).toBe(true);
  });
});

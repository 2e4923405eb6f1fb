import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { deriveKeys, newKeyId, wipe } from '../../../src/crypto/seal/key-schedule.js';
import {
  openRecord,
  sealRecord,
  verifyClear,
  verifyRecord,
  verifyState,
} from '../../../src/crypto/seal/record-sealer.js';
import { clearRecord, codeOf, idOf, keyOf, keysOf, OPEN } from './setting.js';

const item = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);

// RFC 5869, written out: extract with a salt of zeros, then expand block by block.
function hkdf(key: Buffer, info: Buffer, length: number): Buffer {
  const secret = createHmac('sha256', Buffer.alloc(32)).update(key).digest();
  let out = Buffer.alloc(0);
  let block = Buffer.alloc(0);
  for (let n = 1; out.length < length; n += 1) {
    block = createHmac('sha256', secret)
      .update(Buffer.concat([block, info, Buffer.from([n])]))
      .digest();
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, length);
}

describe('S23: the keys of a key version', () => {
  test('S23: encryption key, MAC key and commitment are one HKDF-SHA-256 that binds format and key id', () => {
    for (let i = 0; i < 100; i += 1) {
      const [key, id] = [keyOf(String(i)), idOf(String(i))];
      const material = hkdf(
        key,
        Buffer.concat([item(Buffer.from('memwarden sealed format 1')), item(Buffer.from(id, 'hex'))]),
        96,
      );
      const keys = deriveKeys(key, id);
      expect(Buffer.concat([keys.encryption, keys.mac]).equals(material.subarray(0, 64))).toBe(true);
      expect(keys.header.toString('hex')).toBe(`01${id}${material.subarray(64).toString('hex')}`);
      expect(keys.keyId).toBe(id);
    }
  });

  test('S23: no two of the three are equal, and none of them is what another key or key id gives', () => {
    const all = [keysOf('a'), keysOf('a', idOf('other')), keysOf('b', idOf('a'))].flatMap((keys) =>
      [keys.encryption, keys.mac, keys.header.subarray(17)].map((part) => part.toString('hex')),
    );
    expect(new Set(all).size).toBe(9);
  });

  test('S23: wiped keys are zeros, and whoever uses them is refused instead of sealing under zeros', () => {
    const keys = keysOf('wiped');
    const record = sealRecord(keys, clearRecord(), OPEN);
    const { encryption, mac } = keys;
    wipe(keys);
    expect(Buffer.concat([encryption, mac]).equals(Buffer.alloc(64))).toBe(true);
    const uses = [
      () => keys.encryption,
      () => keys.mac,
      () => sealRecord(keys, clearRecord(), OPEN),
      () => verifyRecord(keys, record),
      () => verifyState(keys, record),
      () => verifyClear(keys, { ...record }),
      () => openRecord(keys, record, ['content']),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'internal'));
  });

  test('S23: the key that was given stays the caller’s to wipe: the derived keys do not change with it', () => {
    const key = keyOf('mine');
    const keys = deriveKeys(key, idOf('mine'));
    key.fill(0);
    expect(keys.encryption.equals(keysOf('mine').encryption)).toBe(true);
  });

  test.each([
    ['31 bytes', Buffer.alloc(31, 1), idOf('a')],
    ['33 bytes', Buffer.alloc(33, 1), idOf('a')],
    ['no bytes', Buffer.alloc(0), idOf('a')],
    ['zeros, as a wiped key has them', Buffer.alloc(32), idOf('a')],
    ['a text', 'k'.repeat(32) as never, idOf('a')],
    ['no key', undefined as never, idOf('a')],
    ['a key id of 31 digits', keyOf('a'), idOf('a').slice(1)],
    ['a key id in upper case', keyOf('a'), 'A'.repeat(32)],
    ['a key id with a line behind it', keyOf('a'), `${idOf('a')}\n`],
    ['no key id', keyOf('a'), undefined as never],
  ])('S23: no keys come of %s', (_, key, id) => {
    expect(codeOf(() => deriveKeys(key, id))).toBe('internal');
  });

  test('S21: key ids are 32 hexadecimal digits, drawn anew each time', () => {
    const ids = Array.from({ length: 1_000 }, newKeyId);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual([]);
  });

  test('invariant 10: printing keys shows no secret', () => {
    const keys = keysOf('shown');
    const shown = `${inspect(keys, { showHidden: true, depth: null })} ${JSON.stringify(keys)}`;
    const bytes = [keys.encryption, keys.mac];
    for (const secret of bytes) {
      expect(shown).not.toContain(secret.toString('hex').slice(0, 8));
      expect(shown).not.toContain(inspect(secret).slice(8, 30));
      expect(shown).not.toContain([...secret].slice(0, 4).join(','));
    }
    expect(shown).toContain(keys.keyId);
  });
});

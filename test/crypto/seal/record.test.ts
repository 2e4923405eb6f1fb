import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DECOY } from '../../../src/crypto/seal/decoy.js';
import { sealOfClear } from '../../../src/crypto/seal/record-mac.js';
import {
  buryRecord,
  keepState,
  openRecord,
  resealRecord,
  sealRecord,
  verifyClear,
  verifyRecord,
  verifyState,
} from '../../../src/crypto/seal/record-sealer.js';
import { FIELDS, SEALED, type Json, type MemoryRecord, type OpenFields } from '../../../src/model/fields.js';
import type { RecordKind } from '../../../src/model/sealer.js';
import { clearRecord, codeOf, keysOf, ALL as OPEN, without } from './setting.js';

const keys = keysOf('alice');
const next = keysOf('alice, rotated');
const AT = new Date('2026-02-01T12:00:00.000Z');
const memory = sealRecord(keys, clearRecord(), OPEN);
const state = keepState(keys, memory);
const emptied = without(state, ...SEALED, 'seal');
const buried = buryRecord(keys, memory, AT);

describe('Sealing a record', () => {
  test('S19: what was sealed is authentic and opens; every field in clear stays as it was', () => {
    expect(verifyRecord(keys, memory)).toBe(true);
    expect(openRecord(keys, memory, SEALED)).toEqual(OPEN);
    expect(without(memory, ...SEALED, 'seal')).toEqual({ ...clearRecord(), key_id: keys.keyId });
    expect(SEALED.map((name) => Buffer.isBuffer(memory[name]))).toEqual(SEALED.map(() => true));
  });

  test('any well-formed text and any JSON object come back, under any names', () => {
    const text = fc.string({ unit: 'binary' });
    const open = fc.record(
      { content: text, metadata: fc.dictionary(text, fc.jsonValue()), speaker: text },
      { requiredKeys: ['content'] },
    );
    const clear = fc.record({ user_id: text, category: text, session_id: text, id: text, tenant: text });
    fc.assert(
      fc.property(open, clear, fc.date({ noInvalidDate: true }), (fields, names, date) => {
        const record = sealRecord(keys, clearRecord({ ...names, occurred_at: date }), fields as OpenFields);
        // JSON has no -0.
        const metadata = JSON.parse(JSON.stringify(fields.metadata ?? {})) as { [key: string]: Json };
        expect(verifyRecord(keys, record)).toBe(true);
        expect(openRecord(keys, record, SEALED)).toEqual(fields.metadata ? { ...fields, metadata } : { ...fields });
        const kept = keepState(keys, record);
        expect(verifyState(keys, kept)).toBe(true);
        expect(openRecord(keys, kept, SEALED, 'history')).toEqual(openRecord(keys, record, SEALED));
      }),
      { numRuns: 150 },
    );
  });

  test('only the named fields are opened, and what is not there is passed over', () => {
    expect(openRecord(keys, memory, ['speaker'])).toEqual({ speaker: OPEN.speaker });
    const least = sealRecord(keys, clearRecord(), { content: 'alone' });
    expect(openRecord(keys, least, SEALED)).toEqual({ content: 'alone' });
    expect([least.metadata, least.speaker]).toEqual([undefined, undefined]);
  });

  test('the result has the sealed fields that were given and no others, whatever the record carried before', () => {
    const again = sealRecord(keys, { ...state, version: 4 }, { content: 'new' });
    expect(verifyRecord(keys, again)).toBe(true);
    expect(openRecord(keys, again, SEALED)).toEqual({ content: 'new' });
    expect(again.bare).toBeUndefined();
  });

  test.each<[string, Partial<Record<keyof MemoryRecord, unknown>>, unknown]>([
    ['without content', {}, { speaker: 'a' }],
    ['whose content is a number', {}, { content: 7 }],
    ['whose content has a lone surrogate', {}, { content: 'a\udfff' }],
    ['whose metadata is a list', {}, { content: 'a', metadata: [] }],
    ['whose metadata is a text', {}, { content: 'a', metadata: '{}' }],
    ['whose metadata is no JSON', {}, { content: 'a', metadata: { n: 1n } }],
    ['without a level', { sensitivity: undefined }, OPEN],
    ['of an undeclared level', { sensitivity: 'Public' }, OPEN],
    ['without an owner', { user_id: undefined }, OPEN],
    ['whose date is none', { occurred_at: new Date(NaN) }, OPEN],
    ['whose version is 0', { version: 0 }, OPEN],
    ['whose category has a lone surrogate', { category: '\ud800' }, OPEN],
    ['with a field that the table does not know', { extra: 1 } as never, OPEN],
  ])('a record %s is not sealed', (_, more, open) => {
    const record = { ...clearRecord(), ...more } as MemoryRecord;
    expect(codeOf(() => sealRecord(keys, record, open as OpenFields))).toBe('internal');
  });
});

describe('S11: the states of a memory', () => {
  test('S11: a past state is sealed anew: other ciphertexts, both MACs, and it is no memory', () => {
    expect(verifyState(keys, state)).toBe(true);
    expect(openRecord(keys, state, SEALED, 'history')).toEqual(OPEN);
    expect(verifyRecord(keys, state)).toBe(false);
    expect(verifyState(keys, memory)).toBe(false);
    expect(codeOf(() => openRecord(keys, state, SEALED, 'memory'))).toBe('unauthentic');
    for (const name of SEALED) expect((state[name] as Buffer).equals(memory[name] as Buffer)).toBe(false);
  });

  test('S11: once all sealed fields and the seal are gone, what stands in clear is still authentic', () => {
    expect(verifyState(keys, emptied)).toBe(true);
    expect(openRecord(keys, emptied, SEALED, 'history')).toEqual({});
    expect(verifyState(keys, { ...emptied, sensitivity: 'public' })).toBe(false);
  });

  test('S11: sealed fields that are gone in part, or a seal that stayed behind, are refused', () => {
    for (const name of SEALED) {
      expect(verifyState(keys, without(state, name))).toBe(false);
      expect(verifyState(keys, { ...emptied, [name]: state[name] })).toBe(false);
    }
    expect(verifyState(keys, without(state, 'seal'))).toBe(false);
    expect(verifyState(keys, without(state, ...SEALED))).toBe(false);
    expect(verifyState(keys, without(state, 'bare'))).toBe(false);
  });

  test('S11: the last state of a deleted memory holds with the time of its deletion and no other', () => {
    expect(verifyState(keys, buried, AT)).toBe(true);
    expect(SEALED.map((name) => buried[name])).toEqual(SEALED.map(() => undefined));
    expect(buried.seal).toBeUndefined();
    expect(verifyState(keys, buried, new Date(AT.getTime() + 1))).toBe(false);
    expect(verifyState(keys, buried, new Date(NaN))).toBe(false);
    expect(verifyState(keys, buried, AT.toISOString() as never)).toBe(false);
    expect(verifyState(keys, buried)).toBe(false);
    expect(verifyState(keys, emptied, AT)).toBe(false);
    expect(verifyState(keys, state, AT)).toBe(false);
    expect(verifyState(keys, { ...buried, seal: state.seal as Buffer }, AT)).toBe(false);
    expect(verifyState(keys, { ...buried, content: state.content as Buffer }, AT)).toBe(false);
    expect(openRecord(keys, buried, SEALED, 'deleted')).toEqual({});
    expect(codeOf(() => openRecord(keys, state, SEALED, 'deleted'))).toBe('unauthentic');
  });

  test('S10: the look needs the fields in clear and the seal alone, and refuses whatever else comes along', () => {
    const look: Record<string, unknown> = { ...without(memory, ...SEALED) };
    expect(verifyClear(keys, look)).toBe(true);
    expect(verifyClear(keys, { ...look, sensitivity: 'public' })).toBe(false);
    expect(verifyClear(keys, { ...memory })).toBe(false);
    expect(verifyClear(keys, { ...look, bare: state.bare })).toBe(false);
    expect(verifyClear(keys, { ...look, seal: state.seal })).toBe(false);
    for (const name of Object.keys(look)) {
      const { [name]: _, ...rest } = look;
      expect(verifyClear(keys, rest)).toBe(false);
    }
    const seal = memory.seal as Buffer;
    for (let bit = 0; bit < seal.length * 8; bit += 1) {
      const changed = Buffer.from(seal);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(verifyClear(keys, { ...look, seal: changed })).toBe(false);
    }
    for (let length = 0; length < seal.length; length += 1)
      expect(verifyClear(keys, { ...look, seal: seal.subarray(0, length) })).toBe(false);
  });
});

describe('S10: what is not there', () => {
  test('S10: goes the whole way to the MAC, which is right under no key', () => {
    const { seal } = DECOY as { readonly seal: Buffer };
    const right = sealOfClear(keys, DECOY);
    expect(right).toHaveLength(seal.length);
    expect(verifyClear(keys, DECOY)).toBe(false);
    expect(verifyClear(keys, { ...DECOY, seal: right })).toBe(true);
  });
});

describe('S19: what is false is not made true', () => {
  const lowered: MemoryRecord = { ...memory, sensitivity: 'public' };
  const swapped: MemoryRecord = { ...memory, content: sealRecord(keys, clearRecord(), OPEN).content as Buffer };

  test.each([
    ['a lowered level', lowered],
    ['another ciphertext', swapped],
    ['a text in clear', { ...memory, content: OPEN.content }],
    ['a past state', state],
  ])('S19: a memory with %s is neither kept, nor buried, nor sealed anew', (_, record) => {
    expect(codeOf(() => keepState(keys, record))).toBe('unauthentic');
    expect(codeOf(() => buryRecord(keys, record, AT))).toBe('unauthentic');
    expect(codeOf(() => resealRecord(keys, next, record, 'memory'))).toBe('unauthentic');
  });

  test('S19: a changed state is not sealed anew', () => {
    const changed = (record: MemoryRecord): MemoryRecord => ({ ...record, category: 'other' });
    expect(codeOf(() => resealRecord(keys, next, changed(state), 'history'))).toBe('unauthentic');
    expect(codeOf(() => resealRecord(keys, next, changed(emptied), 'history'))).toBe('unauthentic');
    expect(codeOf(() => resealRecord(keys, next, changed(buried), 'deleted', AT))).toBe('unauthentic');
    expect(codeOf(() => resealRecord(keys, next, buried, 'deleted', new Date(0)))).toBe('unauthentic');
  });

  test('a deleted state without the time of its deletion, or a memory with one, is a mistake of the caller', () => {
    expect(codeOf(() => resealRecord(keys, next, buried, 'deleted'))).toBe('internal');
    expect(codeOf(() => resealRecord(keys, next, memory, 'memory', AT))).toBe('internal');
    expect(codeOf(() => buryRecord(keys, memory, new Date(NaN)))).toBe('internal');
  });
});

describe('Rotation', () => {
  const cases: [string, RecordKind, MemoryRecord, Date | undefined, OpenFields][] = [
    ['a memory', 'memory', memory, undefined, OPEN],
    ['a past state', 'history', state, undefined, OPEN],
    ['an emptied state', 'history', emptied, undefined, {}],
    ['the last state of a deleted memory', 'deleted', buried, AT, {}],
  ];
  const verify = (kind: RecordKind, by: typeof keys, record: MemoryRecord, at?: Date) =>
    kind === 'memory' ? verifyRecord(by, record) : verifyState(by, record, at);

  test.each(cases)('G14: %s is sealed anew under another key and stays what it is', (_, kind, record, at, open) => {
    const rotated = resealRecord(keys, next, record, kind, at);
    expect(verify(kind, next, rotated, at)).toBe(true);
    expect(verify(kind, keys, rotated, at)).toBe(false);
    expect(openRecord(next, rotated, SEALED, kind)).toEqual(open);
    const clear = FIELDS.filter((field) => !field.sealed).map(({ name }) => [name, record[name]]);
    expect(FIELDS.filter((field) => !field.sealed).map(({ name }) => [name, rotated[name]])).toEqual(clear);
    expect(rotated.key_id).toBe(next.keyId);
    expect(Object.keys(rotated).sort()).toEqual(Object.keys(record).sort());
  });

  test('G14: a memory of the old key is kept and buried under the new one', () => {
    expect(verifyState(next, keepState(keys, memory, next))).toBe(true);
    expect(openRecord(next, keepState(keys, memory, next), SEALED, 'history')).toEqual(OPEN);
    expect(verifyState(next, buryRecord(keys, memory, AT, next), AT)).toBe(true);
  });

  test('S23: what was sealed under another key is refused, also where key id and seal are written over', () => {
    const other = sealRecord(next, clearRecord(), OPEN);
    expect(verifyRecord(keys, other)).toBe(false);
    expect(verifyRecord(keys, { ...other, key_id: keys.keyId })).toBe(false);
    expect(codeOf(() => openRecord(keys, other, ['content']))).toBe('unauthentic');
  });
});

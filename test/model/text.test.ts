import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { MemwardenError } from '../../src/errors/memwarden-error.js';
import { toOwner } from '../../src/model/owner.js';
import { compareText, isId, isText } from '../../src/model/text.js';

interface IdCase {
  readonly name: string;
  readonly value: unknown;
  readonly repeat?: number;
  readonly expect: 'refuse' | 'distinct';
}
const corpus = JSON.parse(readFileSync(new URL('../attack/corpus.json', import.meta.url), 'utf8')) as { ids: IdCase[] };
const ids = corpus.ids.map(({ value, repeat, ...rest }) => ({
  ...rest,
  value: repeat ? String(value).repeat(repeat) : value,
}));

describe('S3, G8: an id', () => {
  it.each(ids.filter((one) => one.expect === 'refuse'))('G2: is refused: $name', ({ value }) => {
    expect(isId(value)).toBe(false);
    expect(() => toOwner(value)).toThrow(MemwardenError);
  });

  it.each(ids.filter((one) => one.expect === 'distinct'))('is taken as it is: $name', ({ value }) => {
    expect(isId(value)).toBe(true);
    expect(toOwner(value)).toBe(value);
  });

  it('is equal to no other of the corpus, in memory and by its bytes', () => {
    const distinct = ids.filter((one) => one.expect === 'distinct').map((one) => one.value as string);
    expect(distinct.length).toBeGreaterThan(40);
    expect(new Set(distinct).size).toBe(distinct.length);
    expect(new Set(distinct.map((id) => Buffer.from(id).toString('hex'))).size).toBe(distinct.length);
    for (const one of distinct) expect(distinct.filter((other) => compareText(one, other) === 0)).toEqual([one]);
  });

  const refused: readonly [kind: string, character: string][] = [
    ['NUL', '\u0000'],
    ['a control character', '\u0007'],
    ['delete', '\u007f'],
    ['a C1 control character', '\u009f'],
    ['a soft hyphen', '\u00ad'],
    ['a zero-width joiner', '\u200d'],
    ['a direction override', '\u202e'],
    ['a byte order mark', '\ufeff'],
    ['a tag character', '\u{e0041}'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a private-use character', '\ue000'],
    ['an astral private-use character', '\u{f0000}'],
    ['an unassigned character', '\u0378'],
    ['a noncharacter', '\ufdd0'],
    ['the last noncharacter', '\u{10ffff}'],
    ['a high surrogate', '\ud83d'],
    ['a low surrogate', '\ude00'],
  ];
  it.each(refused)('may not hold %s, at either end or within', (_, character) => {
    for (const id of [character, `${character}a`, `a${character}`, `a${character}b`]) expect(isId(id)).toBe(false);
  });

  it('has 1 to 256 code points, however many units they take', () => {
    expect(['', 'a', 'a'.repeat(256), 'a'.repeat(257)].map(isId)).toEqual([false, true, true, false]);
    expect(['\u{1f600}'.repeat(256), '\u{1f600}'.repeat(257), `${'\u{1f600}'.repeat(255)}ab`].map(isId)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is a primitive text', () => {
    for (const value of [new String('alice'), ['alice'], { toString: () => 'alice' }, 5, null, undefined, true]) {
      expect([isId(value), isText(value)]).toEqual([false, false]);
    }
  });
});

describe('S3: texts are ordered by their UTF-8 bytes', () => {
  it('whatever well-formed texts they are', () => {
    const unit = fc.constantFrom(
      'a',
      'b',
      '\u007f',
      '\u0080',
      '\u07ff',
      '\u0800',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{1f600}',
      '\u{10ffff}',
    );
    const text = fc.oneof(fc.string({ unit, maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 6 }));
    const seen = { differ: 0, same: 0 };
    fc.assert(
      fc.property(text, text, fc.boolean(), (a, b, isSame) => {
        const other = isSame ? a : b;
        const order = Math.sign(compareText(a, other));
        seen[order === 0 ? 'same' : 'differ'] += 1;
        return a.isWellFormed() && order === Buffer.compare(Buffer.from(a), Buffer.from(other));
      }),
      { seed: 13, numRuns: 6_000 },
    );
    expect(Math.min(seen.differ, seen.same)).toBeGreaterThan(1_000);
  });

  it('where UTF-16 order differs', () => {
    expect(compareText('\u{10000}', '\uffff')).toBeGreaterThan(0);
    expect('\u{10000}' < '\uffff').toBe(true);
  });
});

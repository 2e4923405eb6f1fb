import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import isIdentityCard from 'validator/lib/isIdentityCard.js';
import isTaxID from 'validator/lib/isTaxID.js';
import { Checked, isSomeId, mayBeSomeId, MOST_CHECKED } from '../../src/classify/national.js';
import { ruleClassifier } from '../../src/classify/rules.js';

// Every country that the rules know, whatever the length of its numbers.
const TAX_IDS =
  'bg-BG cs-CZ de-AT de-DE dk-DK el-GR en-CA en-GB en-IE en-US es-AR es-ES et-EE fi-FI fr-BE fr-FR fr-LU hr-HR hu-HU it-IT lv-LV nl-NL pl-PL pt-BR pt-PT ro-RO sk-SK sl-SI sv-SE'.split(
    ' ',
  );
const CARDS = 'ES FI IN IR IT NO PL TH he-IL zh-CN zh-HK zh-TW'.split(' ') as ('ES' | 'FI')[];
const SHORTEST = 8;
const LONGEST = 18;
const PLACES = [...TAX_IDS, ...CARDS];
const rightIn = (id: string) => [
  ...TAX_IDS.filter((locale) => isTaxID.default(id, locale)),
  ...CARDS.filter((locale) => isIdentityCard.default(id, locale)),
];
// A sign stands behind the sixth digit, as in the numbers that have one, or somewhere else.
const number = fc
  .tuple(
    fc
      .integer({ min: SHORTEST, max: LONGEST })
      .chain((length) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })),
    fc.constantFrom('', '', '-', '/', '//'),
    fc.constantFrom(6, 6, 2, 4),
    fc.constantFrom('', '', '', '+'),
  )
  .map(([digits, sign, at, plus]) => plus + digits.slice(0, at) + sign + digits.slice(at));
const classify = ruleClassifier();
const nearMiss = (at: number) => `tax ${String(10_000_000 + at * 11)} `;

describe('numbers of citizens and tax payers', () => {
  test('which checks a number is given goes by its length, and finds what all checks together find', () => {
    const places = new Set<string>();
    let found = 0;
    fc.assert(
      fc.property(number, (id) => {
        const right = rightIn(id);
        const { length } = id.replace(/\D/g, '');
        expect(isSomeId(id, length)).toBe(right.length > 0);
        if (right.length === 0) return;
        expect(mayBeSomeId(length)).toBe(true);
        found += 1;
        for (const place of right) places.add(place);
      }),
      { numRuns: 20_000 },
    );
    expect(found).toBeGreaterThan(1_000);
    expect(found).toBeLessThan(19_000);
    expect(places.size).toBeGreaterThan(PLACES.length / 2);
  });

  test('a number that is wrong is checked once in a text, however often it stands there', () => {
    const checked = new Checked();
    const asked: string[] = [];
    const check = (id: string) => {
      asked.push(id);
      return false;
    };
    for (let i = 0; i < 5_000; i += 1) expect(checked.isRight('12345678', check)).toBe(false);
    expect(asked).toEqual(['12345678']);
  });

  test('a text of more wrong numbers than are checked is taken for one that holds a right one', () => {
    const wrong = Array.from({ length: 2 * MOST_CHECKED }, (_, at) => nearMiss(at)).filter(
      (text) => classify({ content: text }) === undefined,
    );
    expect(wrong.length).toBeGreaterThan(MOST_CHECKED);
    expect(classify({ content: wrong.slice(0, MOST_CHECKED).join('') })).toBeUndefined();
    const more = { content: wrong.slice(0, MOST_CHECKED + 1).join('') };
    expect(classify(more)).toEqual({ level: 'sensitive', ruleId: 'national-id' });
    expect(readFileSync('docs/classification.md', 'utf8')).toContain(`a text with more than ${MOST_CHECKED}\n`);
  });

  test('a right number behind as many wrong ones as are checked is found', () => {
    const right = 'tax 15012557 ';
    expect(classify({ content: right })?.ruleId).toBe('national-id');
    for (const count of [0, MOST_CHECKED - 1, MOST_CHECKED, MOST_CHECKED + 200])
      expect(
        classify({ content: Array.from({ length: count }, (_, at) => nearMiss(at)).join('') + right })?.ruleId,
      ).toBe('national-id');
  });

  test('a text of many candidates is read in many steps, and ends as it does in one go', () => {
    const texts = [
      'tax 12345678 '.repeat(500),
      'password is '.repeat(500),
      '@ '.repeat(500),
      'GB00 AAAA AAAA AAAA, '.repeat(500),
      'AB12345- '.repeat(500),
    ];
    for (const content of texts) {
      let steps = 0;
      const work = classify.steps({ content });
      let step = work.next();
      for (; !step.done; step = work.next()) steps += 1;
      expect(steps).toBeGreaterThanOrEqual(500);
      expect(step.value).toEqual(classify({ content }));
    }
  });
});

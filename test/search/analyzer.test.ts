import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Analyzer, type Text } from '../../src/search/analyzer.js';
import { loadLanguages, type Languages } from '../../src/search/languages.js';
import { WEIGHTS } from '../../src/search/weights.js';
import { wordsOf } from '../../src/search/words.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 5);
const PIECES = ['a', 'Zed', 'May', 'may', 'March', 'lamps', "'", "'s", "X'y1", '8th', '7', ' ', '. ', '? ', ', ', '\n'];
const SCRIPTS = ['the ', 'und ', 'der ', 'og ', 'café ', 'ﬁsh’s ', '東京', '5月 ', 'лампы ', 'और '];
const textOf = (pieces: readonly string[]) => fc.array(fc.constantFrom(...pieces), { maxLength: 24 });

let languages: Languages;
beforeAll(async () => {
  languages = await loadLanguages();
});

const read = (analyzer: Analyzer, text: Text) => {
  const { terms, ...rest } = analyzer.memory(text);
  return { ...rest, terms: terms.map(({ term, count }) => [term, count]) };
};

describe('reading texts', () => {
  test(`a plain text is cut into the words that it has beside a letter that is not plain (seed ${SEED})`, () => {
    let found = 0;
    const ascii = fc.oneof(
      textOf(PIECES).map((pieces) => pieces.join('')),
      fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    );
    fc.assert(
      fc.property(ascii, (text) => {
        const words = wordsOf(text);
        found += words.length;
        expect(words).toEqual(wordsOf(`${text} é`).slice(0, -1));
      }),
      { seed: SEED, numRuns: 2_000 },
    );
    expect(found).toBeGreaterThan(2_000);
    const long = `${'x'.repeat(300)}'s`;
    expect(wordsOf(long)).toEqual(wordsOf(`${long} é`).slice(0, -1));
  });

  test(`S13: what was read before changes nothing in how a text is read (seed ${SEED})`, () => {
    const used = new Analyzer(languages, WEIGHTS);
    const text = textOf([...PIECES, ...SCRIPTS]).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, text, fc.date({ noInvalidDate: true }), (content, speaker, occurredAt) => {
        const memory = { content, speaker, occurredAt };
        expect(read(used, memory)).toEqual(read(new Analyzer(languages, WEIGHTS), memory));
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  test('S13: nor does it where so many words were read that they were forgotten', () => {
    const used = new Analyzer(languages, WEIGHTS);
    const memory = { content: 'In May the lamps lay by the lamp of May', speaker: 'Anna' };
    read(used, { content: 'one lamp', speaker: 'Anna' });
    for (let i = 0; i < 70; i += 1)
      read(used, { content: Array.from({ length: 1_000 }, (_, n) => `word${i}x${n}`).join(' '), speaker: `s${i}` });
    for (let i = 0; i < 1_100; i += 1) read(used, { speaker: `s${i}` });
    const after = read(used, memory);
    expect(after).toEqual(read(new Analyzer(languages, WEIGHTS), memory));
    expect(after.terms).toContainEqual(['lamp', 2]);
  });
});

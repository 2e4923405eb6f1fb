import { describe, expect, jest, test } from '@jest/globals';
import { findWords, wordsOf } from '../../src/search/words.js';

const TEXTS = {
  zh: '我们昨天在北京大学图书馆讨论了人工智能的未来发展以及它对社会经济的影响',
  ja: '昨日は東京大学の図書館で人工知能の将来について友達と長い間話し合いました',
  th: 'เมื่อวานนี้เราไปห้องสมุดมหาวิทยาลัยเพื่ออ่านหนังสือเกี่ยวกับประวัติศาสตร์',
} as const;

describe('words of scripts without spaces', () => {
  test.each(Object.entries(TEXTS))(
    'a long run of %s that is read by pieces has the words of the whole',
    (locale, text) => {
      for (const length of [200, 256, 257, 300, 1_000, 3_000]) {
        const run = text.repeat(Math.ceil(length / text.length)).slice(0, length);
        const whole = [...new Intl.Segmenter(locale, { granularity: 'word' }).segment(run)]
          .filter(({ isWordLike }) => isWordLike)
          .map(({ segment, index }) => [segment.normalize('NFKC'), index]);
        expect(wordsOf(run).map((word) => [word.text, word.start])).toEqual(whole);
      }
    },
  );

  test('every character of a long run of random signs stands in one word, in the order of the text', () => {
    let run = '';
    for (let i = 0; i < 5_000; i += 1) run += String.fromCharCode(0x4e00 + ((i * 7_919 + i * i) % 20_000));
    const words = wordsOf(run);
    expect(words.reduce((end, word) => (word.start === end ? word.end : NaN), 0)).toBe(run.length);
  });

  test('no more than a bounded piece is given to the dictionary at a time, with a step for each', () => {
    const asked: number[] = [];
    const { segment } = Intl.Segmenter.prototype;
    Intl.Segmenter.prototype.segment = function (this: Intl.Segmenter, text: string) {
      asked.push(text.length);
      return segment.call(this, text);
    };
    try {
      let steps = 0;
      for (const work = findWords('字'.repeat(21_500)); !work.next().done;) steps += 1;
      expect(Math.max(...asked)).toBeLessThanOrEqual(256);
      expect(steps).toBeGreaterThanOrEqual(asked.length);
      expect(asked.length).toBeGreaterThan(80);
    } finally {
      Intl.Segmenter.prototype.segment = segment;
    }
  });

  test('whether a text is Japanese is looked up once, not for each of its runs', () => {
    const text = `${'字。'.repeat(2_000)}かな`;
    const asked = jest.spyOn(RegExp.prototype, 'test');
    try {
      expect(wordsOf(text).length).toBeGreaterThan(2_000);
      const whole = asked.mock.calls.filter(
        ([one], at) => one === text && (asked.mock.contexts[at] as RegExp).source.includes('Hiragana'),
      );
      expect(whole).toHaveLength(1);
    } finally {
      asked.mockRestore();
    }
  });
});

import { describe, expect, test } from '@jest/globals';
import { RULES, ruleClassifier } from '../../src/classify/rules.js';
import { LEVELS } from '../../src/model/levels.js';
import { labelled, score } from './labelled.js';

const classify = ruleClassifier();
const all = labelled();

describe('the labelled set', () => {
  test('has 300 texts, none twice, of every level in both halves', () => {
    expect(all).toHaveLength(300);
    expect(new Set(all.map(({ text }) => text)).size).toBe(300);
    for (const half of ['tuning', 'held_out'])
      for (const level of LEVELS)
        expect(all.filter((one) => one.half === half && one.level === level).length).toBeGreaterThanOrEqual(19);
  });

  test.each(['tuning', 'held_out'])('sensitive texts of the half %s: recall >= 0.9 at precision >= 0.8', (half) => {
    const { precision, recall } = score(
      all.filter((one) => one.half === half),
      classify,
      'sensitive',
    );
    expect(recall).toBeGreaterThanOrEqual(0.9);
    expect(precision).toBeGreaterThanOrEqual(0.8);
  });

  test('every rule finds at least one of its texts', () => {
    const found = new Set(
      all.map(({ text }) => (classify({ content: text }) as { ruleId: string } | undefined)?.ruleId),
    );
    expect(Object.keys(RULES).filter((rule) => !found.has(rule))).toEqual([]);
  });
});

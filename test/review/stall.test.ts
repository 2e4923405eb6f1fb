import '../support/fresh-lmdb.js';
import { describe, expect, test } from '@jest/globals';
import { ruleClassifier } from '../../src/classify/rules.js';
import { Analyzer } from '../../src/search/analyzer.js';
import { loadLanguages } from '../../src/search/languages.js';
import { ViewIndex } from '../../src/search/view-index.js';
import { WEIGHTS } from '../../src/search/weights.js';
import { isQuestion } from '../../src/search/words.js';

const KIB64 = 65_536;
// One text of the largest size that a user may write; everybody else of the process waits meanwhile.
// Each took minutes or half of one; on a quiet machine all take less than a second.
const LIMIT_MS = 5_000;

// Of processor time, so that a busy machine does not count.
function timed(run: () => unknown): number {
  const began = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

describe('No text of 64 KiB keeps the process from other work', () => {
  test('question marks of Arabic', () => {
    const text = `${'\u061f'.repeat(KIB64 / 2 - 1)}.`;
    const ms = timed(() => isQuestion(text));
    expect(ms).toBeLessThan(LIMIT_MS);
  });

  test('combining marks', async () => {
    const analyzer = new Analyzer(await loadLanguages(), WEIGHTS);
    const text = `a${'\u0323\u0301'.repeat((KIB64 - 1) / 4)}`;
    const ms = timed(() => analyzer.memory({ content: text }));
    expect(ms).toBeLessThan(LIMIT_MS);
  });

  test('combining marks that are no Latin', async () => {
    const analyzer = new Analyzer(await loadLanguages(), WEIGHTS);
    const text = `\u05d0${'\u0323\u0301'.repeat((KIB64 - 2) / 4)}`;
    const ms = timed(() => analyzer.memory({ content: text }));
    expect(ms).toBeLessThan(LIMIT_MS);
  });

  test('words that share a beginning: one memory taken out of a view', async () => {
    const index = new ViewIndex(await loadLanguages());
    const text = (n: number) => {
      const words: string[] = [];
      for (let i = 0; i < 6_500; i += 1) words.push(`zzzzz${(n * 6_500 + i).toString(36).padStart(4, '0')}`);
      return words.join(' ').slice(0, KIB64);
    };
    const COUNT = 8;
    for (let n = 0; n < COUNT; n += 1) index.put({ id: `m${n}`, content: text(n), occurredAt: new Date(n) });
    const ms = timed(() => index.remove('m3'));
    expect(ms).toBeLessThan(LIMIT_MS);
  });

  const texts: Record<string, string> = {
    'tax numbers': 'tax 12345678 '.repeat(5_041),
    'national numbers': 'identity 1234567890123 '.repeat(2_849),
    ibans: 'GB00AAAA AAAA AAAA AAAA AAAA AAAA AAA '.repeat(1_724),
    digits: '1'.repeat(KIB64),
    'digits apart': '1 '.repeat(KIB64 / 2),
    'at signs': '@'.repeat(KIB64),
    mails: 'a.'.repeat(32) + '@a.'.repeat(21_000),
    passwords: 'password a b c d e f g h '.repeat(2_621),
    links: '://'.repeat(21_845),
    begins: '-----BEGIN '.repeat(5_957),
    tokens: `eyJ${'a'.repeat(KIB64 - 3)}`,
    jwt: 'eyJaaaaaaaa.eyJ'.repeat(4_369),
    streets: '1 Aa Aa Aa '.repeat(5_957),
    vias: 'Via a a a '.repeat(6_553),
    capitals: 'A'.repeat(KIB64),
    mixed: 'A1-'.repeat(21_845),
    'national insurance': 'passport A1111-11-'.repeat(3_640),
    'weak terms': 'heart '.repeat(10_922),
    phrases: 'seed phrase: aa aa '.repeat(3_449),
  };
  const classify = ruleClassifier();
  test.each(Object.entries(texts))('the classifier on %s', (_, text) => {
    const ms = timed(() => classify({ content: text.slice(0, KIB64) }));
    expect(ms).toBeLessThan(LIMIT_MS);
  });
});

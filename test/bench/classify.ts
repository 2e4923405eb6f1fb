import { ruleClassifier } from '../../src/classify/rules.js';
import { exampleYear, labelled, score } from '../classify/labelled.js';
import type { Figures } from './figures.js';
import { compete, microseconds, summary, type Contender } from './rounds.js';
import type { Suite } from './suite.js';

const LENGTH = 300;
const classify = ruleClassifier();

// Near misses of every rule, repeated: what would make an expression look back.
const HOSTILE = [
  'a', 'a@', '@', '1.', '4111 ', '4111 1111 ', 'DE12 AAAA ', 'AAAA ', 'A1-', '12 Aa Aa ', '1 rue ', 'Via a ', 'Aa', 'pin ', 'password is a ',
  "pin a's ", 'seed phrase: a ', '://a:', 'eyJaaaaaaaa.', '-sk-', '-eyJ', 'heart ', 'heart goes ', '1,000,', "a'", 'social 123-45-',
]; // prettier-ignore

/** What the classifier finds, how long it takes, and how that grows. */
export const classifying: Suite = (figures, { quick }) => {
  quality(figures);
  const texts = {
    plain: joined(labelled().filter(({ level }) => level === 'public').map(({ text }) => text)), // prettier-ignore
    mixed: joined(labelled().map(({ text }) => text)),
  };
  return time(figures, texts, quick).then(() => growth(figures, quick));
};

function quality(figures: Figures): void {
  for (const half of ['tuning', 'held_out'] as const) {
    const texts = labelled().filter((one) => one.half === half);
    for (const level of ['sensitive', 'private'] as const) {
      const { precision, recall } = score(texts, classify, level);
      const target = level === 'sensitive';
      const at = `classify.${half}.${level}`;
      figures.add({ name: `${at}.precision`, value: precision, ...(target ? { target: { min: 0.8 } } : {}) });
      figures.add({ name: `${at}.recall`, value: recall, ...(target ? { target: { min: 0.9 } } : {}) });
    }
  }
  const { precision, recall } = score(exampleYear(), classify, 'sensitive');
  const note = 'the example set, whose levels are of another hand';
  figures.add({ name: 'classify.examples.sensitive.precision', value: precision, note });
  figures.add({ name: 'classify.examples.sensitive.recall', value: recall, note });
}

// Texts of one length, each made of several, cut at no place in particular.
function joined(texts: readonly string[]): string[] {
  return texts.map((_, i) => {
    let text = '';
    for (let j = i; text.length < LENGTH; j += 7) text += `${texts[j % texts.length]} `;
    return text.slice(0, LENGTH);
  });
}

async function time(
  figures: Figures,
  texts: Readonly<Record<string, readonly string[]>>,
  quick: boolean,
): Promise<void> {
  const contenders: Contender[] = Object.entries(texts).map(([name, all]) => ({
    name,
    run: () => void all.forEach((content) => void classify({ content })),
  }));
  const latencies = await compete(contenders, { rounds: quick ? 3 : 15, calls: quick ? 25 : 100 });
  for (const [name, all] of Object.entries(texts)) {
    // Other load on the machine only adds: the fastest tenth is nearest to what it takes.
    const { value, spread } = microseconds(latencies, name, 0.1);
    figures.add({
      name: `classify.${name}.us`,
      value: value / all.length,
      spread: spread / all.length,
      unit: 'us',
      target: { max: 50 },
      note: `a text of ${LENGTH} characters`,
    });
  }
}

// The time a character at 64 Ki against that at 8 Ki: 1 where it grows with the length, 8 where with its square.
async function growth(figures: Figures, quick: boolean): Promise<void> {
  const sizes = [8_192, 65_536] as const;
  let worst = { value: 0, spread: 0 };
  let slowest = 0;
  for (const atom of HOSTILE) {
    const [short, long] = sizes.map((size) => atom.repeat(Math.ceil(size / atom.length)).slice(0, size)) as [
      string,
      string,
    ];
    const contenders = [
      { name: 'short', run: () => void Array.from({ length: 8 }, () => classify({ content: short })) },
      { name: 'long', run: () => void classify({ content: long }) },
    ];
    const latencies = await compete(contenders, { rounds: quick ? 1 : 3, calls: 25 });
    const [a, b] = [microseconds(latencies, 'short', 0.25), microseconds(latencies, 'long', 0.25)];
    const grown = summary([b.value / a.value]);
    if (grown.value > worst.value && b.value > 1_000) worst = grown;
    slowest = Math.max(slowest, b.value);
  }
  figures.add({ name: 'classify.hostile.growth', ...worst, unit: 'x', target: { max: 4 }, note: '8 were quadratic' });
  figures.add({ name: 'classify.hostile.slowest_ms', value: slowest / 1_000, unit: 'ms', note: '64 KiB' });
}

import type { NewMemory } from '../../src/index.js';
import { scatter } from './data.js';

const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru'.split(' ');
const VOCABULARY = 8_000;
const SESSION = 20;
const START = Date.UTC(2024, 0, 1);
const NAMES = ['Anna', 'Ben'];

/** A word of a vocabulary whose frequencies fall as those of a language do: the n-th is 1/n as frequent as the first. */
export function wordAt(n: number): string {
  const u = (scatter(n) + 0.5) / 2 ** 32;
  return word(Math.floor(VOCABULARY ** u) - 1);
}

function word(rank: number): string {
  let text = '';
  for (let left = rank + 30; left > 0; left = Math.floor(left / SYLLABLES.length))
    text += SYLLABLES[left % SYLLABLES.length] as string;
  return text;
}

/** The text of a memory: 8 to 23 words, a sentence of a chat. */
export function textAt(i: number): string {
  const length = 8 + (scatter(i) % 16);
  const words = Array.from({ length }, (_, at) => wordAt(i * 31 + at));
  return `I said that the ${words.join(' ')}${scatter(i + 7) % 5 === 0 ? '?' : '.'}`;
}

/** A memory of a chat of two, in sessions of 20. */
export function memoryAt(i: number): NewMemory {
  return {
    content: textAt(i),
    speaker: NAMES[i % 2] as string,
    sessionId: `session-${Math.floor(i / SESSION)}`,
    occurredAt: new Date(START + i * 60_000),
    level: i % 10 < 9 ? 'private' : 'public',
  };
}

/** A question of five words, of which two are frequent and three are not. */
export function queryAt(i: number): string {
  const words = Array.from({ length: 5 }, (_, at) => wordAt(90_000_000 + i * 5 + at));
  return `What did Anna say about ${words.join(' ')}?`;
}

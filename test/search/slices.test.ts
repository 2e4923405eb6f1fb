import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadLanguages, type Languages } from '../../src/search/languages.js';
import { Proposals } from '../../src/search/proposals.js';
import { ViewIndex } from '../../src/search/view-index.js';

const SIZE = 10_000;
const QUESTION = { text: 'Did Anna see the lamp of the harbour?', mode: 'lexical' } as const;

let languages: Languages;
beforeAll(async () => {
  languages = await loadLanguages();
});

function view(word: string): ViewIndex {
  const index = new ViewIndex(languages);
  for (let i = 0; i < SIZE; i += 1)
    index.put({
      id: `m${i}`,
      content: `${word} ${i % 7} ${i % 3 ? 'harbour' : 'harbours lamp'}`,
      speaker: i % 2 ? 'Anna' : 'Ben',
      sessionId: `s${i % 900}`,
      occurredAt: new Date(i),
    });
  return index;
}

const FIRST = 300;
const ranked = (index: ViewIndex) => new Proposals(index, QUESTION).take(FIRST);

describe('ranking in slices', () => {
  test('S13: two views that are ranked at once are ranked as each alone, to the last bit', async () => {
    const views = [view('lamp'), view('chair')];
    const alone = views.map(ranked);
    let turns = 0;
    const both = views.map((index) => new Proposals(index, QUESTION));
    const turn = () => {
      turns += 1;
      return new Promise<void>((resolve) => void setImmediate(resolve));
    };
    await Promise.all(both.map((proposals) => proposals.prepare(turn)));
    expect(both.map((proposals) => proposals.take(FIRST))).toEqual(alone);
    expect(turns).toBeGreaterThan(6);
    expect(alone.map(({ length }) => length)).toEqual([FIRST, FIRST]);
  });

  test('S18: a view that changes while it is ranked is ranked as it then is, and leaves nothing behind', async () => {
    const index = view('lamp');
    for (const stop of [0, 3, 6]) {
      const proposals = new Proposals(index, QUESTION);
      let turns = 0;
      await proposals.prepare(() => {
        if (turns++ === stop) index.put({ id: 'new', content: `lamp harbour ${stop}`, occurredAt: new Date(stop) });
        return undefined;
      });
      expect(turns).toBe(stop + 1);
      const found = proposals.take(FIRST);
      expect(found).toHaveLength(FIRST);
      expect(found).toEqual(ranked(index));
    }
  });
});

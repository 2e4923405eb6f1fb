import { countOf, slotOf } from './postings.js';
import type { ViewQuery } from './rank.js';
import { NOBODY, REACH } from './sessions.js';
import { UNIT, type ViewIndex } from './view-index.js';

/** What one word of a query gave to the score of a memory. */
export interface WordPart {
  readonly word: string;
  /** Its share of what the query asks for. */
  readonly weight: number;
  /** How often it stands in the memory, neighbours and kin counted by their weights. */
  readonly frequency: number;
  /** What it adds to the score before the factors. */
  readonly part: number;
}

/** The parts of a memory's score: one for each word of the query that it, or a neighbour, holds. */
export function partsOf(index: ViewIndex, query: ViewQuery, slot: number): WordPart[] {
  const { weights, sessions, slots } = index;
  const around: (readonly [slot: number, share: number, own: boolean])[] = [[slot, UNIT, true]];
  for (let steps = 1; steps <= REACH; steps += 1) {
    const older = sessions.older(slot, steps);
    const newer = sessions.newer(slot, steps);
    if (older !== NOBODY) around.push([older, index.fromOlder(older, steps), false]);
    if (newer !== NOBODY) around.push([newer, index.fromNewer(steps), false]);
  }
  const length = weights.k1 * (1 - weights.b) + ((weights.k1 * weights.b) / index.meanSpan) * slots.span(slot);
  const counts = around.map(([other]) => new Map([...index.termsOf(other)].map((one) => [slotOf(one), countOf(one)])));
  return query.words.flatMap(({ word, weight, alternatives }) => {
    let sum = 0;
    for (const { id, unit, shared } of alternatives) {
      around.forEach(([, share, own], i) => {
        if (own || shared) sum += ((counts[i]?.get(id) ?? 0) * unit * share) / UNIT;
      });
    }
    const frequency = sum / UNIT;
    return sum === 0 ? [] : [{ word, weight, frequency, part: (weight * frequency) / (frequency + length) }];
  });
}

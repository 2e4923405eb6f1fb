import { describe, expect, test } from '@jest/globals';
import type { MemoryRecord } from '../../src/model/fields.js';
import { describeOnParityStores } from './describe.js';
import { runParity } from './run.js';
import type { ParityStore } from './store.js';
import { Tally } from './tally.js';

const SEEDS = [3, 20_260_615];
const CASES = 6_000;

describeOnParityStores('query and decision', (store) => {
  test(`G1: over ${CASES} generated cases of seeds ${SEEDS.join(' and ')} the store returns what the decision allows, and explains it so`, async () => {
    const tally = await runParity(store(), { cases: CASES, seeds: SEEDS });
    expect(tally.findings).toEqual([]);
    expect(tally.disagreements).toBe(0);
    expect(tally.cases).toBeGreaterThanOrEqual(5_000);
    expect([...tally.casesOfSeed.keys()]).toEqual(SEEDS);
    expect(tally.degenerate()).toEqual([]);
  }, 120_000);

  describe('a store that is wrong is found out', () => {
    type Lie = (records: MemoryRecord[]) => MemoryRecord[];
    const lyingFind = (honest: ParityStore, lie: Lie): ParityStore => ({
      ...honest,
      refill: (documents) => honest.refill(documents),
      planned: { ...honest.planned, find: async (...args) => lie(await honest.planned.find(...args)) },
    });
    const found = async (lying: ParityStore) => {
      const tally = await runParity(lying, { cases: 1_000, seeds: [5] });
      return new Set(tally.findings.map(({ what }) => what));
    };

    test('G1: a store that withholds one allowed document disagrees with the decision', async () => {
      expect(await found(lyingFind(store(), (records) => records.slice(1)))).toContain('query and decision');
    });

    test('G1: a store that returns a document twice is found', async () => {
      expect(await found(lyingFind(store(), ([first, ...rest]) => (first ? [first, first, ...rest] : [])))).toContain(
        'order or repetition in pages',
      );
    });

    test('G1: a store that counts one more than it returns is found', async () => {
      const honest = store();
      const planned = {
        ...honest.planned,
        count: async (...args: Parameters<typeof honest.planned.count>) => (await honest.planned.count(...args)) + 1,
      };
      expect(await found({ ...honest, refill: (documents) => honest.refill(documents), planned })).toEqual(
        new Set(['count and query']),
      );
    });
  });
});

describe('the guards of the sample', () => {
  test('G1: a sample in which nothing was allowed, nothing was denied or a seed was not used is called degenerate', () => {
    const empty = new Tally({ kind: 'embedded', sharded: false }, [7]).degenerate();
    expect(empty).toEqual(
      expect.arrayContaining([
        'seed 7 was given and not used',
        'only 0 of 0 cases were allowed',
        'never occurred: operator $lte',
      ]),
    );
    const total = new Tally({ kind: 'embedded', sharded: false }, []);
    total.cases = total.allowed = 100;
    expect(total.degenerate()).toContain('only 0 of 100 cases were denied');
  });
});

import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { describeOnEachStore, policyFolder } from '../support/warden.js';
import { each, KINDS, RUNS, SEED, sequences, withSpaces, type Real } from './acts.js';

describeOnEachStore('any sequence of acts on shared memories', (open) => {
  test(`each principal reads exactly what a simple model says (seed ${SEED})`, async () => {
    const numRuns = 1 + (RUNS || 1);
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const policies = await policyFolder();
        const { warden, again } = await open({ policies, classify: false, acts: { wait: () => Promise.resolve() } });
        const model = await withSpaces(warden);
        const real: Real = { wardens: [warden, await again()], turn: 0, steps: 0, did: seen };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      }),
      { seed: SEED, numRuns, examples: [[each()]], endOnFailure: true },
    );
    // A sample in which nothing comes of an act says nothing of it.
    const missing = KINDS.filter((kind) => !seen.has(kind));
    expect(missing).toEqual([]);
  });
});

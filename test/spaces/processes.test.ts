import fc from 'fast-check';
import { afterEach, expect, test } from '@jest/globals';
import { describeTenants, OPERATOR } from '../support/tenants.js';
import { policyFolder } from '../support/warden.js';
import { each, KINDS, RUNS, SEED, sequences, withSpaces, type Command, type Real } from './acts.js';
import { Apart } from './apart.js';

const PROCESSES = 2;
const TENANTS = ['acme', 'beta'];

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describeTenants(
  'any sequence of acts on shared memories',
  (open) => {
    test(`G1, G21: two processes over one store, with two tenants at once: each principal reads exactly what a simple model says (seed ${SEED})`, async () => {
      const policies = await policyFolder();
      const { tenants, place } = await open({ warden: { policies, classify: false as const } });
      const warden = { ...place.warden, policies, classify: false as const };
      const processes = await Promise.all(Array.from({ length: PROCESSES }, () => Apart.start({ warden })));
      for (const one of processes) ends.push(() => one.end());
      const seen = new Map<string, number>();
      let runs = 0;
      const run = async (name: string, sequence: Iterable<Command>) => {
        const tenant = `${name}-${runs}`;
        await tenants.create(OPERATOR, tenant);
        const wardens = processes.map((one) => one.warden(tenant));
        const [first] = wardens;
        if (!first) throw new Error('there is no process');
        const real: Real = { wardens, turn: 0, steps: 0, did: seen };
        const model = await withSpaces(first);
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      };
      // Those of one tenant are done one after the other, those of two at once. Something comes of every kind of act.
      await fc.assert(
        fc.asyncProperty(sequences, sequences, async (acme, beta) => {
          runs += 1;
          const both = [runs === 1 ? each() : acme, beta];
          await Promise.all(both.map((sequence, i) => run(TENANTS[i] ?? '', sequence)));
        }),
        { seed: SEED, numRuns: RUNS || 1, endOnFailure: true },
      );
      // A sample in which nothing comes of an act says nothing of it.
      expect(KINDS.filter((kind) => !seen.has(kind))).toEqual([]);
    });
  },
  ['shared'],
  // The long form is on both.
  RUNS ? ['embedded', 'mongodb'] : ['mongodb'],
);

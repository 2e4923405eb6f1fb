import type { Use } from '../../src/guard/access.js';
import { compare } from './compare.js';
import { makePool } from './documents.js';
import { principalOf } from './principals.js';
import { Random, seedOf } from './random.js';
import { ACTIONS, ALL_FIELDS, policyText, ruleSet } from './rules.js';
import type { ParityStore, Stored } from './store.js';
import { makeSubject, type Subject } from './subject.js';
import { Tally } from './tally.js';
import { OWNERS } from './values.js';

const POOL_SIZE = 300;
const RULE_SETS_OF_POOL = 40;

/** How much to run. */
export interface ParityOptions {
  /** The least number of cases, shared out evenly among the seeds. */
  readonly cases: number;
  readonly seeds: readonly number[];
  readonly onPool?: (tally: Tally) => void;
}

/**
 * Asks the store and the decision the same questions and counts where they differ. A case is the decision on one
 * document for one rule set and one principal.
 */
export async function runParity(store: ParityStore, { cases, seeds, onPool }: ParityOptions): Promise<Tally> {
  const tally = new Tally(store, seeds);
  const subject = await makeSubject(store.planned);
  const share = Math.ceil(cases / seeds.length);
  for (const seed of seeds) {
    const isDone = () => (tally.casesOfSeed.get(seed) ?? 0) >= share;
    for (let part = 0; !isDone(); part += 1) {
      const random = new Random(seedOf(seed, part));
      const pool = makePool(random, POOL_SIZE, store);
      const documents = await store.refill(pool);
      if (documents.length !== pool.length) throw new Error('the store does not hold what was put there');
      tally.pool(pool);
      for (let n = 0; n < RULE_SETS_OF_POOL && !isDone(); n += 1)
        await ask(store, subject, documents, random, seed, tally);
      onPool?.(tally);
    }
  }
  return tally;
}

async function ask(
  store: ParityStore,
  subject: Subject,
  documents: readonly Stored[],
  random: Random,
  seed: number,
  tally: Tally,
): Promise<void> {
  const policies = ruleSet(random);
  await subject.use(
    policies.map((policy) => ({ file: `${policy.role}.yaml`, text: policyText(policy, random.chance(0.5)) })),
  );
  tally.ruleSet(policies);
  const owner = random.pick(OWNERS);
  const roles = policies.map((policy) => policy.role);
  const access = subject.guard.access(principalOf(random, roles, owner), owner);
  const question = { policies, access, uses: usesOf(random), pageSize: random.pick([1, 7, 40, 1000]) };
  const own = documents.filter(({ planted }) => planted.owner === owner);
  const answer = await compare(store, subject, question, documents, random.some(own, 3, 3));
  tally.answer(seed, question, answer, own);
}

function usesOf(random: Random): [Use, ...Use[]] {
  const action = random.pick(ACTIONS);
  const roll = random.unit();
  if (roll < 0.6) return [{ action }];
  const use = { action, fields: random.some(ALL_FIELDS, 1, 3) };
  return roll < 0.85 ? [use] : [use, { action: 'read', fields: random.some(ALL_FIELDS, 0, 2) }];
}

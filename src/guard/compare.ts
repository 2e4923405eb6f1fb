import { MemwardenError } from '../errors/memwarden-error.js';
import { isNone } from '../model/plan.js';
import { unexpired, WELL_FORMED_BESIDE } from '../model/well-formed.js';
import { plannedQuery } from '../store/planned.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';

const READ: Use = { action: 'read' };

/** Comparing what two accesses to one partition let through: the same principal under two sets of policies. */
export class Comparer {
  readonly #context: GuardContext;

  constructor(context: GuardContext) {
    this.#context = context;
  }

  /** How many memories both may read. Sends no query where either may read none. */
  async countBoth(one: Access, other: Access): Promise<number> {
    const { partition, principal } = one;
    if (partition.userId !== other.partition.userId || partition.tenant !== other.partition.tenant)
      throw new MemwardenError('internal');
    const binding = one.binding();
    const plans = [one.planOrNone(binding, READ), other.planOrNone(other.binding(), READ)];
    if (plans.some(isNone)) return 0;
    const query = plannedQuery(partition, plans, [WELL_FORMED_BESIDE, unexpired(this.#context.clock())]);
    const count = await this.#context.store.count(query);
    await this.#context.auditor.record({
      principal,
      owner: partition.userId,
      action: 'read',
      subject: 'Memory',
      act: 'count',
      phase: 'read',
      outcome: 'allowed',
      ids: [],
      count,
      rules: binding.speaking('read', 'Memory'),
      revision: binding.revision,
    });
    return count;
  }
}

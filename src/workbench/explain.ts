import type { ActionOf } from '../model/actions.js';
import { compile, type Candidate } from '../model/evaluate.js';
import type { Explanation } from '../model/explanation.js';
import { conditionOf, isNone, planOf } from '../model/plan.js';
import { specialise, type Predicate } from '../model/predicate.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { isWellFormed, unexpired } from '../model/well-formed.js';
import type { Binding } from '../policy/binding.js';
import { consider } from '../policy/considered.js';

/** The query that a list of a partition would send; `none`: no query at all. */
export type ListQuery = 'none' | ListCondition;

/** What a list asks of every memory, in the words of policies. All of it holds. */
export interface ListCondition {
  readonly tenant: string;
  readonly user_id: string;
  /** What the policy lets through of the partition; absent: everything. */
  readonly plan?: object;
  /** S1: every field is a scalar of its declared type. */
  readonly well_formed: true;
  readonly not_expired_at: string;
}

/** Why an action on a record that nobody stored is allowed or denied. No data are touched, so no right is asked for. */
export function explainRecord(
  binding: Binding,
  owner: string,
  record: Candidate,
  action: ActionOf<'Memory'>,
  at: Date,
): Explanation {
  const refusedBy = refusal(record, owner, at);
  const deciding = refusedBy ? undefined : binding.decidingRule(action, 'Memory', record);
  return {
    allowed: refusedBy === undefined && binding.decide(action, 'Memory', record),
    action,
    ...(deciding ? { rule: { id: deciding.id, reason: deciding.reason } } : {}),
    ...(refusedBy ? { refusedBy } : {}),
    considered: binding.rules.map((bound) => consider(bound, action, 'Memory', record, deciding?.id, () => true)),
    policyRevision: binding.revision,
  };
}

function refusal(record: Candidate, owner: string, at: Date): Explanation['refusedBy'] {
  if (record['user_id'] !== owner || record['tenant'] !== DEFAULT_TENANT) return 'partition';
  if (!isWellFormed(record)) return 'well_formed';
  return compile(unexpired(at))(record) ? undefined : 'expired';
}

/** The query that a list would send: what the guard joins, and in the same way. */
export function listQuery(binding: Binding, owner: string, at: Date): ListQuery {
  const plan = listPlan(binding, owner);
  if (isNone(plan)) return 'none';
  return {
    tenant: DEFAULT_TENANT,
    user_id: owner,
    ...(plan.kind === 'where' ? { plan: asWritten(plan.condition) } : {}),
    well_formed: true,
    not_expired_at: at.toISOString(),
  };
}

/** The plan of a list with what is known of the partition put in. A list uses `occurred_at` by its order (S7). */
export function listPlan(binding: Binding, owner: string) {
  const known = { user_id: owner };
  const condition = conditionOf(binding.plan('read', 'Memory', ['occurred_at']));
  return planOf(specialise(condition, (part) => (part.field === 'user_id' ? compile(part)(known) : undefined)));
}

function asWritten(predicate: Predicate): object {
  switch (predicate.kind) {
    case 'and':
      return { $and: predicate.of.map(asWritten) };
    case 'or':
      return { $or: predicate.of.map(asWritten) };
    case 'not':
      return { $not: asWritten(predicate.of) };
    case 'compare':
      return { [predicate.field]: { [`$${predicate.op}`]: predicate.value } };
    default:
      return predicate;
  }
}

import type { ActionOf } from '../model/actions.js';
import { compile, type Candidate } from '../model/evaluate.js';
import type { ConsideredRule } from '../model/explanation.js';
import type { FieldName } from '../model/fields.js';
import type { Comparison } from '../model/predicate.js';
import type { MemorySubject } from '../model/space.js';
import type { BoundRule } from './bind.js';

/**
 * What became of one rule when an action on a record was decided.
 *
 * @param deciding the id of the rule that decided
 * @param shown whether the principal may read a field; a rule that asks of another is withheld
 */
export function consider(
  bound: BoundRule,
  action: ActionOf<'Memory'>,
  subject: MemorySubject,
  candidate: Candidate,
  deciding: string | undefined,
  shown: (field: FieldName) => boolean,
): ConsideredRule {
  const { id, reason, inverted, actions, subjects } = bound.rule;
  const rule = { id, reason, inverted };
  if (!actions.includes(action) || !subjects.includes(subject)) return { ...rule, outcome: 'other_action' };
  if (!bound.applies) {
    if (bound.because === 'time') return { ...rule, outcome: 'time' };
    const fact = bound.because === 'missing_fact' ? 'missing' : 'other';
    return { ...rule, outcome: 'principal', fact, because: bound.fact === undefined ? [] : [bound.fact] };
  }
  if (!isShown(bound, shown)) return { ...rule, outcome: 'withheld' };
  if (id === deciding) return { ...rule, outcome: 'decides' };
  const failed = comparisons(bound).filter((part) => !compile(part)(candidate));
  if (failed.length === 0) return { ...rule, outcome: 'matches' };
  return {
    ...rule,
    outcome: 'conditions',
    because: [...new Set(failed.map(({ field }) => field))],
    conditions: failed.map(({ field, op }) => `${field} $${op}`),
  };
}

/** Whether the principal may read every field that a rule asks of. */
export function isShown(bound: BoundRule, shown: (field: FieldName) => boolean): boolean {
  return comparisons(bound).every((part) => shown(part.field));
}

// The conditions of a rule are comparisons that all hold.
function comparisons(bound: BoundRule): readonly Comparison[] {
  if (!bound.applies || !bound.conditions) return [];
  const parts = bound.conditions.kind === 'and' ? bound.conditions.of : [bound.conditions];
  return parts.filter((part) => part.kind === 'compare');
}

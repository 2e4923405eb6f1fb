import type { Predicate } from './predicate.js';

/** What a principal may do to a subject. `none` sends no query. */
export type Plan =
  { readonly kind: 'none' } | { readonly kind: 'all' } | { readonly kind: 'where'; readonly condition: Predicate };

export const NONE: Plan = Object.freeze({ kind: 'none' });
export const ALL: Plan = Object.freeze({ kind: 'all' });

/** Whether nothing is allowed, whatever is stored. */
export function isNone(plan: Plan): plan is { readonly kind: 'none' } {
  return plan.kind === 'none';
}

/** The plan that lets through what satisfies a predicate. */
export function planOf(condition: Predicate): Plan {
  if (condition.kind === 'false') return NONE;
  return condition.kind === 'true' ? ALL : { kind: 'where', condition };
}

/** The predicate of a plan. */
export function conditionOf(plan: Plan): Predicate {
  if (plan.kind === 'where') return plan.condition;
  return plan.kind === 'all' ? { kind: 'true' } : { kind: 'false' };
}

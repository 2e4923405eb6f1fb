import type { ActionOf } from './actions.js';

/** What became of one rule. */
export interface ConsideredRule {
  readonly id: string;
  readonly reason: string;
  readonly inverted: boolean;
  /** `withheld`: it asks of a field that the principal may not read whether it applies (S7). */
  readonly outcome: 'decides' | 'matches' | 'other_action' | 'time' | 'principal' | 'conditions' | 'withheld';
  /** The facts or fields that kept it from applying: names, never values. */
  readonly because?: readonly string[];
  /** Of those, the conditions with their operators, as the policy writes them: `sensitivity $in`; never values. */
  readonly conditions?: readonly string[];
  /** Whether the principal lacks the fact, or has another than the rule asks for. */
  readonly fact?: 'missing' | 'other';
}

/** Why an action on a memory is allowed or denied. */
export interface Explanation {
  readonly allowed: boolean;
  readonly action: ActionOf<'Memory'>;
  /** The rule that decided; absent where none matched, a fixed condition refused, or it asks of a hidden field. */
  readonly rule?: { readonly id: string; readonly reason: string };
  /** The fixed condition that refused, before any rule was asked. */
  readonly refusedBy?: 'partition' | 'well_formed' | 'expired' | 'access_list';
  readonly considered: readonly ConsideredRule[];
  /** SHA-256 of the policies that decided. */
  readonly policyRevision: string;
}

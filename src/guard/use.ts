import type { ActionOf } from '../model/actions.js';
import { compile, type Candidate } from '../model/evaluate.js';
import { UNHIDEABLE, type FieldName } from '../model/fields.js';
import { conditionOf, planOf, type Plan } from '../model/plan.js';
import { specialise } from '../model/predicate.js';
import type { MemorySubject } from '../model/space.js';
import type { Binding } from '../policy/binding.js';

/** An action and the fields that a call uses by it. */
export interface Use {
  readonly action: ActionOf<'Memory'>;
  readonly fields?: readonly FieldName[];
}

/** Whether policies allow a use of a record. */
export function allowsUse(
  binding: Binding,
  candidate: Candidate,
  { action, fields = [] }: Use,
  subject: MemorySubject,
): boolean {
  if (!binding.decide(action, subject, candidate)) return false;
  if (fields.length === 0 || !binding.hasFieldRules(action, subject)) return true;
  return fields.every((field) => UNHIDEABLE.has(field) || binding.decide(action, subject, candidate, field));
}

/** The fields of a use that policies can withhold. */
export function hideable(fields: readonly FieldName[] = []): readonly FieldName[] {
  return fields.filter((field) => !UNHIDEABLE.has(field));
}

/** The plan of a use of one owner's memories, with what is known of every record of them put in. */
export function planOfUse(
  binding: Binding,
  { action, fields }: Pick<Use, 'fields'> & { readonly action: ActionOf<MemorySubject> },
  userId: string,
  subject: MemorySubject,
): Plan {
  const known = { user_id: userId };
  const plan = binding.plan(action, subject, hideable(fields));
  return planOf(
    specialise(conditionOf(plan), (comparison) =>
      comparison.field === 'user_id' ? compile(comparison)(known) : undefined,
    ),
  );
}

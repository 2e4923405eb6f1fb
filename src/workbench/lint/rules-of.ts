import type { FilterableName } from '../../model/fields.js';
import type { ComparisonTemplate, OperandTemplate, Placeholder } from '../../policy/condition-template.js';
import type { Rule } from '../../policy/policy-set.js';
import type { Place, RoleSource } from '../policies.js';

/** A rule and where its parts stand. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly place: (...path: readonly PropertyKey[]) => Place;
}

/** The rules of a role with their places; without a path that of the id. */
export function rulesOf(source: RoleSource): PlacedRule[] {
  return source.policy.rules.map((rule, i) => ({
    rule,
    place: (...path) => source.place(['rules', i, ...(path.length > 0 ? path : ['id'])], path.length > 0),
  }));
}

/** Whether a rule speaks of memories. */
export function isOnMemories({ subjects }: Rule): boolean {
  return subjects.includes('Memory') || subjects.includes('SharedMemory');
}

/** The placeholders of a comparison. */
export function placeholdersOf(template: ComparisonTemplate): Placeholder[] {
  if (template.op === 'exists') return [];
  const operands: readonly OperandTemplate[] = template.op === 'in' ? template.operands : [template.operand];
  return operands.flatMap((operand) => ('placeholder' in operand ? [operand.placeholder] : []));
}

/** The facts that a principal may lack and a rule names, as policies write them. */
export function factsOf(rule: Rule): string[] {
  const tested = rule.facts.map(({ fact }) => (fact === 'purpose' ? fact : `attributes.${fact.attribute}`));
  const compared = (rule.conditions ?? []).flatMap(placeholdersOf).flatMap((placeholder) => {
    if (placeholder.kind === 'attribute') return [`attributes.${placeholder.name}`];
    return placeholder.kind === 'user_id' || placeholder.kind === 'purpose' ? [placeholder.kind] : [];
  });
  return [...new Set([...tested, ...compared])];
}

/** The fields that the conditions of a rule name. */
export function conditionFieldsOf(rule: Rule): FilterableName[] {
  return [...new Set((rule.conditions ?? []).map(({ field }) => field))];
}

import { MemwardenError } from '../errors/memwarden-error.js';
import { isLevel } from '../model/levels.js';
import { and, type Operand, type Predicate } from '../model/predicate.js';
import type { Attribute, Principal } from '../model/principal.js';
import { isText } from '../model/text.js';
import type { ComparisonTemplate, OperandTemplate, Placeholder } from './condition-template.js';
import { toMoment } from '../model/moment.js';
import type { FactTest, Rule } from './policy-set.js';

/** Why a rule does not take part for a principal at a time, or the predicate it has for it. */
export type BoundRule = { readonly rule: Rule } & (
  | { readonly applies: true; readonly conditions?: Predicate }
  | { readonly applies: false; readonly because: 'time' | 'fact' | 'missing_fact'; readonly fact?: string }
);

/**
 * Binds one rule to a principal (S4). An allow rule that needs a fact which the principal lacks does not apply; a deny
 * rule applies as if the comparison that names the fact were true.
 *
 * @throws MemwardenError invalid_principal where a fact is there but is empty or of another type than the field
 */
export function bindRule(rule: Rule, principal: Principal, now: Date): BoundRule {
  if ((rule.notBefore && now < rule.notBefore) || (rule.notAfter && now >= rule.notAfter)) {
    return { rule, applies: false, because: 'time' };
  }
  for (const test of rule.facts) {
    const value = factOf(principal, test.fact);
    if (value === undefined && !rule.inverted)
      return { rule, applies: false, because: 'missing_fact', fact: nameOf(test.fact) };
    if (value === undefined) continue;
    // A fact of another type than the rule expects would keep a denial from applying.
    if (!test.oneOf.some((one) => typeof one === typeof value))
      throw new MemwardenError('invalid_principal', { argument: nameOf(test.fact) });
    if (!test.oneOf.includes(value)) return { rule, applies: false, because: 'fact', fact: nameOf(test.fact) };
  }
  if (!rule.conditions) return { rule, applies: true };
  const parts: Predicate[] = [];
  for (const template of rule.conditions) {
    const bound = bindComparison(template, principal);
    if ('missing' in bound) {
      if (!rule.inverted) return { rule, applies: false, because: 'missing_fact', fact: bound.missing };
      continue;
    }
    parts.push(bound);
  }
  const conditions = and(...parts);
  return conditions.kind === 'true' ? { rule, applies: true } : { rule, applies: true, conditions };
}

/** The time, in milliseconds, for which the time limits of rules stand as they stand now: from, until. */
export function standing(rules: readonly Rule[], now: Date): { readonly from: number; readonly until: number } {
  const limits = rules.flatMap((rule) => [rule.notBefore, rule.notAfter]).flatMap((limit) => limit?.getTime() ?? []);
  const at = now.getTime();
  return {
    from: Math.max(-Infinity, ...limits.filter((limit) => limit <= at)),
    until: Math.min(Infinity, ...limits.filter((limit) => limit > at)),
  };
}

function bindComparison(template: ComparisonTemplate, principal: Principal): Predicate | { readonly missing: string } {
  const { field } = template;
  if (template.op === 'exists') return { kind: 'compare', field, op: 'exists', value: template.wanted };
  const operands = template.op === 'in' ? template.operands : [template.operand];
  const values: Operand[] = [];
  for (const operand of operands) {
    const value = operandOf(operand, template, principal);
    if (value === undefined)
      return { missing: 'placeholder' in operand ? placeholderName(operand.placeholder) : field };
    values.push(value);
  }
  if (template.op === 'in') return { kind: 'compare', field, op: 'in', value: values };
  return { kind: 'compare', field, op: template.op, value: values[0] as Operand };
}

function operandOf(operand: OperandTemplate, template: ComparisonTemplate, principal: Principal): Operand | undefined {
  if ('literal' in operand) return operand.literal;
  const value = placeholderValue(principal, operand.placeholder);
  if (value === undefined) return undefined;
  const date = template.type === 'date' && typeof value === 'string' ? toMoment(value) : undefined;
  if (date) return date;
  const fits = template.type === 'enum' ? isLevel(value) : template.type === 'string' && isText(value) && value !== '';
  if (!fits) throw new MemwardenError('invalid_principal', { argument: placeholderName(operand.placeholder) });
  return value as string;
}

function placeholderValue(principal: Principal, placeholder: Placeholder): unknown {
  switch (placeholder.kind) {
    case 'attribute':
      return factOf(principal, { attribute: placeholder.name });
    case 'user_id':
      return principal.userId;
    default:
      return principal[placeholder.kind];
  }
}

function placeholderName(placeholder: Placeholder): string {
  return placeholder.kind === 'attribute' ? `attributes.${placeholder.name}` : placeholder.kind;
}

function factOf(principal: Principal, fact: FactTest['fact']): Attribute | undefined {
  if (fact === 'purpose') return principal.purpose;
  const attributes = principal.attributes;
  return attributes && Object.hasOwn(attributes, fact.attribute) ? attributes[fact.attribute] : undefined;
}

function nameOf(fact: FactTest['fact']): string {
  return fact === 'purpose' ? 'purpose' : `attributes.${fact.attribute}`;
}

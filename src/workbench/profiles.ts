import type { FilterableName } from '../model/fields.js';
import { LEVELS } from '../model/levels.js';
import type { Attribute, Principal } from '../model/principal.js';
import type { ComparisonTemplate, OperandTemplate } from '../policy/condition-template.js';
import type { Rule } from '../policy/policy-set.js';
import { otherThan } from './regions.js';

/** A principal of a role with some of the facts that the role's rules ask for. */
export interface Profile {
  /** `purpose=care, attributes.trained=true`; empty: no facts. */
  readonly facts: string;
  readonly principal: Principal;
}

/** Principals that stand for all principals of a role, where `complete`; else for some of them. */
export interface Profiles {
  readonly profiles: readonly Profile[];
  readonly complete: boolean;
}

/** The user on whose behalf the principals of a profile act. */
export const THE_USER = 'the-user';

type Fact = 'purpose' | `attributes.${string}`;
type Facts = ReadonlyMap<Fact, Attribute>;

/**
 * The principals that the rules of a role tell apart: every combination of the values that they compare a fact with, one
 * other value, and no value. Those with fewer facts come first.
 *
 * @param userId on whose behalf they act; null for nobody's
 */
export function profilesOf(
  role: string,
  rules: readonly Rule[],
  at: Date,
  limit: number,
  userId: string | null = THE_USER,
): Profiles {
  const axes = [...domains(rules, at)].sort(([a], [b]) => (a < b ? -1 : 1));
  const size = axes.reduce((product, [, values]) => product * (values.length + 1), 1);
  const complete = size <= limit;
  const facts = complete ? combinations(axes) : oneByOne(axes).slice(0, limit);
  const profiles = [...facts].sort((a, b) => a.size - b.size).map((one) => profileOf(role, one, userId));
  return { profiles, complete };
}

function domains(rules: readonly Rule[], at: Date): Map<Fact, readonly Attribute[]> {
  const compared = new Map<Fact, Attribute[]>();
  const add = (fact: Fact, values: readonly Attribute[]) => {
    const there = compared.get(fact);
    if (there) there.push(...values);
    else compared.set(fact, [...values]);
  };
  for (const rule of rules) {
    for (const { fact, oneOf } of rule.facts) {
      add(fact === 'purpose' ? fact : `attributes.${fact.attribute}`, [
        ...oneOf,
        ...oneOf.map((one) => unlike(one, oneOf)),
      ]);
    }
    for (const template of rule.conditions ?? []) {
      for (const operand of operandsOf(template)) {
        const fact = factOf(operand);
        if (fact) add(fact, valuesFor(template, rules, fact, at));
      }
    }
  }
  return new Map([...compared].map(([fact, values]) => [fact, [...new Set(values)]]));
}

function operandsOf(template: ComparisonTemplate): readonly OperandTemplate[] {
  if (template.op === 'exists') return [];
  return template.op === 'in' ? template.operands : [template.operand];
}

function factOf(operand: OperandTemplate): Fact | undefined {
  if ('literal' in operand) return undefined;
  const { placeholder } = operand;
  if (placeholder.kind === 'attribute') return `attributes.${placeholder.name}`;
  return placeholder.kind === 'purpose' ? 'purpose' : undefined;
}

// A value of its own, and every literal that the same field is compared with: they may meet.
function valuesFor(template: ComparisonTemplate, rules: readonly Rule[], fact: Fact, at: Date): readonly Attribute[] {
  if (template.type === 'enum') return LEVELS;
  const literals = literalsOn(template.field, rules);
  if (template.type === 'date') return [at, ...literals].map((one) => new Date(one).toISOString());
  return [`the-${fact.replace('attributes.', '')}`, ...literals.map(String)];
}

function literalsOn(field: FilterableName, rules: readonly Rule[]): readonly (string | Date)[] {
  const templates = rules.flatMap((rule) => rule.conditions ?? []).filter((template) => template.field === field);
  return templates.flatMap(operandsOf).flatMap((operand) => ('literal' in operand ? [operand.literal] : []));
}

// Of the same type: another type is not denied but refused.
function unlike(value: Attribute, others: readonly Attribute[]): Attribute {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return Math.max(...others.filter((one) => typeof one === 'number')) + 1;
  return otherThan(others);
}

type Axes = readonly (readonly [Fact, readonly Attribute[]])[];

function combinations(axes: Axes): Facts[] {
  return axes.reduce<Facts[]>(
    (all, [fact, values]) => [...all, ...values.flatMap((value) => all.map((one) => new Map([...one, [fact, value]])))],
    [new Map()],
  );
}

// Too many to combine: each value alone, and each beside the first value of every other fact.
function oneByOne(axes: Axes): Facts[] {
  const first = new Map(axes.flatMap(([fact, [value]]) => (value === undefined ? [] : [[fact, value] as const])));
  const each = axes.flatMap(([fact, values]) => values.map((value) => [fact, value] as const));
  return [new Map(), first, ...each.flatMap((one) => [new Map([one]), new Map([...first, one])])];
}

function profileOf(role: string, facts: Facts, userId: string | null): Profile {
  const purpose = facts.get('purpose');
  const attributes = [...facts].filter(([fact]) => fact !== 'purpose');
  return {
    facts: [...facts].map(([fact, value]) => `${fact.replace('attributes.', '')}=${value}`).join(', '),
    principal: {
      id: 'somebody',
      role,
      ...(userId === null ? {} : { userId }),
      ...(purpose === undefined ? {} : { purpose: String(purpose) }),
      ...(attributes.length === 0
        ? {}
        : {
            attributes: Object.fromEntries(
              attributes.map(([fact, value]) => [fact.slice('attributes.'.length), value]),
            ),
          }),
    },
  };
}

import { stringify } from 'yaml';
import type { Random } from './random.js';
import { NOW, OWNERS, PURPOSES, TEAMS, TIERS, TIMES, WORDS, writtenTime } from './values.js';

// Written out here and not taken from the product's tables, so that a field that drops out of those is missed.
export const STRING_FIELDS = ['id', 'user_id', 'category', 'agent_id', 'app_id', 'session_id'] as const;
export const DATE_FIELDS = ['occurred_at', 'expires_at'] as const;
export const FILTERABLE_FIELDS = [...STRING_FIELDS, 'sensitivity', ...DATE_FIELDS] as const;
export const HIDEABLE_FIELDS = [
  'sensitivity', 'category', 'agent_id', 'app_id', 'session_id', 'occurred_at', 'created_at', 'updated_at',
  'expires_at', 'version', 'classified_by', 'content', 'metadata', 'speaker',
] as const; // prettier-ignore
export const ALL_FIELDS = ['id', 'user_id', ...HIDEABLE_FIELDS] as const;
export const ACTIONS = ['read', 'update', 'delete', 'export'] as const;
export const OPERATORS = ['bare', '$eq', '$in', '$gt', '$gte', '$lt', '$lte', '$exists'] as const;
export const LEVELS = ['public', 'private', 'sensitive'] as const;

export type ParityAction = (typeof ACTIONS)[number];
// No policy can name the vector, nor the author.
export type FieldName = (typeof ALL_FIELDS)[number] | 'vector' | 'author';
export type FilterableField = (typeof FILTERABLE_FIELDS)[number];
export type Fact = string | number | boolean;
export type FactTest = Fact | { $eq?: Fact; $in?: Fact[] };
export type Tests =
  string | Partial<Record<'$eq' | '$gt' | '$gte' | '$lt' | '$lte', string> & { $in: string[]; $exists: boolean }>;

/** A rule as its author wrote it. */
export interface WrittenRule {
  id: string;
  action: string | string[];
  subject: string | string[];
  conditions?: Partial<Record<FilterableField, Tests>>;
  fields?: FieldName[];
  principal?: { purpose?: FactTest; attributes?: Record<string, FactTest> };
  inverted?: boolean;
  not_before?: string;
  not_after?: string;
  reason: string;
}

/** A policy file as its author wrote it. */
export interface WrittenPolicy {
  role: string;
  rules: WrittenRule[];
}

/** The text of a policy file. JSON is YAML; both ways of writing are used. */
export function policyText(policy: WrittenPolicy, asYaml: boolean): string {
  return asYaml ? stringify(policy, { aliasDuplicateObjects: false }) : JSON.stringify(policy);
}

/** One or two roles of 1 to 6 rules each; every role may explain everything, so that every decision can be asked for. */
export function ruleSet(random: Random): WrittenPolicy[] {
  const roles = random.chance(0.3) ? ['reader', 'writer'] : ['reader'];
  return roles.map((role) => ({
    role,
    rules: [
      ...Array.from({ length: random.between(1, 6) }, (_, i) => rule(random, `${role}-${i}`, i === 0)),
      { id: `${role}-explains`, action: 'explain', subject: 'Memory', reason: 'Every decision can be asked for.' },
    ],
  }));
}

function rule(random: Random, id: string, first: boolean): WrittenRule {
  const inverted = random.chance(first ? 0.03 : 0.4);
  const conditions = random.chance(first ? 0.55 : inverted ? 0.95 : 0.8) ? conditionsOf(random, inverted) : undefined;
  const actions = random.chance(first ? 0.9 : 0.4) ? [...ACTIONS] : random.some(ACTIONS, 1, 3);
  const fielded = actions.filter((action) => action === 'read' || action === 'update');
  const limited = fielded.length > 0 && random.chance(0.25);
  return {
    id,
    action: one(random, limited ? fielded : actions),
    subject: random.chance(0.9) ? 'Memory' : random.pick([['Memory', 'SharedMemory'], 'SharedMemory']),
    ...(conditions ? { conditions } : {}),
    ...(limited ? { fields: random.some(HIDEABLE_FIELDS, inverted ? 1 : 6, inverted ? 4 : 13) } : {}),
    ...(random.chance(first ? 0.07 : 0.15) ? { principal: principalTest(random) } : {}),
    ...(inverted ? { inverted } : random.chance(0.1) ? { inverted: false } : {}),
    ...(random.chance(first ? 0.07 : 0.15) ? timeBounds(random) : {}),
    reason: 'Made by the generator.',
  };
}

// `action: read` and `action: [read]` say the same.
function one(random: Random, actions: string[]): string | string[] {
  return actions.length === 1 && random.chance(0.5) ? (actions[0] as string) : actions;
}

function conditionsOf(random: Random, inverted: boolean): NonNullable<WrittenRule['conditions']> {
  const named = random.some(FILTERABLE_FIELDS, 1, inverted ? 3 : 2);
  return Object.fromEntries(named.map((field) => [field, testsOf(random, field)]));
}

function testsOf(random: Random, field: FilterableField): Tests {
  const operand = () => operandOf(random, field);
  const many = () => Array.from({ length: random.between(1, 6) }, operand);
  if (field === 'sensitivity') {
    const roll = random.between(0, 3);
    return roll === 0
      ? operand()
      : roll === 1
        ? { $eq: operand() }
        : { $in: roll === 2 ? many() : random.some(LEVELS, 2, 2) };
  }
  if (random.chance(0.12)) return operand();
  const operators = random.some(OPERATORS.slice(1), 1, random.chance(0.75) ? 1 : 2);
  const entries = operators.map((operator) => {
    if (operator === '$exists') return [operator, random.chance(0.6)] as const;
    return [operator, operator === '$in' ? many() : operand()] as const;
  });
  return Object.fromEntries(entries) as Tests;
}

function operandOf(random: Random, field: FilterableField): string {
  const placeholder = random.chance(0.15);
  if (field === 'sensitivity') return placeholder ? '${principal.attributes.clearance}' : random.pick(LEVELS);
  if ((DATE_FIELDS as readonly string[]).includes(field)) {
    return placeholder ? '${principal.attributes.since}' : writtenTime(random.pick(TIMES), random.pick([0, 0, 2, -5]));
  }
  if (placeholder) return random.pick(STRING_PLACEHOLDERS);
  if (field === 'user_id') return random.pick(OWNERS);
  return field === 'id' ? random.pick(ID_BOUNDS) : random.pick(WORDS);
}

// Ids of documents are UUIDs whose first digit is spread evenly.
const ID_BOUNDS = ['00', '4', '8', 'c0000000-0000-7000-8000-000000000000', '\u{1F600}'] as const;
const STRING_PLACEHOLDERS = [
  '${principal.user_id}', '${principal.user_id}', '${principal.user_id}', '${principal.id}', '${principal.role}',
  '${principal.purpose}', '${principal.attributes.team}', '${principal.attributes.nobody-has-it}',
] as const; // prettier-ignore

function principalTest(random: Random): NonNullable<WrittenRule['principal']> {
  const test = (values: readonly Fact[]): FactTest => {
    const roll = random.between(0, 2);
    return roll === 0
      ? random.pick(values)
      : roll === 1
        ? { $eq: random.pick(values) }
        : { $in: random.some(values, 1, values.length) };
  };
  const attributes: Record<string, FactTest>[] = [
    { vip: random.chance(0.7) },
    { tier: test(TIERS) },
    { team: test(TEAMS), vip: test([true, false]) },
    { 'nobody-has-it': true },
  ];
  if (random.chance(0.4)) return { purpose: test(PURPOSES) };
  return { attributes: random.pick(attributes), ...(random.chance(0.2) ? { purpose: test(PURPOSES) } : {}) };
}

function timeBounds(random: Random): { not_before?: string; not_after?: string } {
  const [low, high] = random
    .some(
      TIMES.map((_, i) => i),
      2,
      2,
    )
    .sort((a, b) => a - b) as [number, number];
  const write = (index: number) => writtenTime(TIMES[index] ?? NOW, random.pick([0, 2, -5]));
  const roll = random.between(0, 2);
  return { ...(roll === 1 ? {} : { not_before: write(low) }), ...(roll === 0 ? {} : { not_after: write(high) }) };
}

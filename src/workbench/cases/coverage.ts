import type { PolicySet, RolePolicy, Rule } from '../../policy/policy-set.js';
import type { CaseFile } from './case-file.js';
import { casesOf, type CaseResult } from './run.js';

/** A rule, or one condition of it, and whether it decided at least one case. */
export interface Covered {
  readonly rule: string;
  /** `category $eq`, `purpose`, `not_after`, `fields`; absent: the rule. */
  readonly condition?: string;
  readonly covered: boolean;
}

/** Which rules and conditions the tests reach. */
export interface Coverage {
  readonly items: readonly Covered[];
  /** In percent, 100 where there is nothing to cover. */
  readonly rules: number;
  readonly conditions: number;
}

/**
 * Which rules decided at least one case, and which conditions: those without which some case would have come out
 * otherwise.
 *
 * @param results every case of the files, run on the set
 */
export async function coverageOf(
  set: PolicySet,
  files: readonly CaseFile[],
  results: readonly CaseResult[],
): Promise<Coverage> {
  const deciding = new Set(results.map(({ rule }) => rule));
  const items: Covered[] = [];
  for (const policy of set.roles.values()) {
    const answers = results.filter((one) => one.role === policy.role).map(({ decision }) => decision);
    for (const rule of policy.rules) {
      items.push({ rule: rule.id, covered: deciding.has(rule.id) });
      for (const { name, without } of partsOf(rule)) {
        const changed = withRule(set, policy, rule, without);
        items.push({ rule: rule.id, condition: name, covered: await differs(changed, files, policy.role, answers) });
      }
    }
  }
  return { items, rules: share(items, false), conditions: share(items, true) };
}

/** Whether the cases of a role come out otherwise on another set. */
async function differs(
  set: PolicySet,
  files: readonly CaseFile[],
  role: string,
  answers: readonly string[],
): Promise<boolean> {
  let i = 0;
  for await (const { decision } of casesOf(set, files, role)) {
    if (decision !== answers[i]) return true;
    i += 1;
  }
  return i !== answers.length;
}

interface Part {
  readonly name: string;
  /** The rule without it. */
  readonly without: Rule;
}

function partsOf(rule: Rule): Part[] {
  const { conditions = [], facts, fields, notBefore, notAfter } = rule;
  return [
    ...conditions.map(({ field, op }, i) => {
      const { conditions: _, ...rest } = rule;
      const left = conditions.filter((__, other) => other !== i);
      return { name: `${field} $${op}`, without: left.length > 0 ? { ...rest, conditions: left } : rest };
    }),
    ...facts.map(({ fact }, i) => ({
      name: fact === 'purpose' ? 'purpose' : `attributes.${fact.attribute}`,
      without: { ...rule, facts: facts.filter((_, other) => other !== i) },
    })),
    ...(fields ? [{ name: 'fields', without: omit(rule, 'fields') }] : []),
    ...(notBefore ? [{ name: 'not_before', without: omit(rule, 'notBefore') }] : []),
    ...(notAfter ? [{ name: 'not_after', without: omit(rule, 'notAfter') }] : []),
  ];
}

function omit(rule: Rule, key: 'fields' | 'notBefore' | 'notAfter'): Rule {
  const { [key]: _, ...rest } = rule;
  return rest;
}

function withRule(set: PolicySet, policy: RolePolicy, rule: Rule, other: Rule): PolicySet {
  const rules = policy.rules.map((one) => (one === rule ? other : one));
  return { ...set, roles: new Map([...set.roles, [policy.role, { ...policy, rules }]]) };
}

function share(items: readonly Covered[], conditions: boolean): number {
  const some = items.filter(({ condition }) => (condition !== undefined) === conditions);
  return some.length === 0 ? 100 : (some.filter(({ covered }) => covered).length / some.length) * 100;
}

import { MAX_POLICY_FILE } from '../../policy/yaml-source.js';
import { INDEXED } from '../../model/fields.js';
import type { RoleSource } from '../policies.js';
import { finding, type LintFinding } from './checks.js';
import { conditionFieldsOf, factsOf, isOnMemories, placeholdersOf, rulesOf, type PlacedRule } from './rules-of.js';

const AGENT = /(?:^|[-_])(?:agent|assistant|bot)(?:$|[-_])/;
// Nine tenths: the next rules may be too much.
const NEAR = 0.9;

/** What can be seen of each rule alone. */
export function eachRule(source: RoleSource): LintFinding[] {
  const { policy, text, place } = source;
  const found = rulesOf(source).flatMap((one) => [
    ...missingFacts(one),
    ...lapse(one),
    ...declassify(one, policy.role),
    ...owner(one, policy.role),
    ...indexes(one),
  ]);
  if (policy.rules.length === 0)
    found.push(
      finding('no_rules', place(['rules']), 'a role without rules may do nothing; delete the file if so meant'),
    );
  if (text.length > MAX_POLICY_FILE * NEAR) {
    const message = `${text.length} of ${MAX_POLICY_FILE} characters; move rules to a role of their own`;
    found.push(finding('near_limit', place(['role'], true), message));
  }
  return found;
}

function missingFacts({ rule, place }: PlacedRule): LintFinding[] {
  return factsOf(rule).flatMap((fact) => {
    if (rule.inverted) {
      const message = `denies also whoever has no ${fact}, as if that comparison held; see that the credential always has it`;
      return [finding('denies_without_fact', place(), message)];
    }
    // That an agent needs a user to act for is what the placeholder is there for.
    return fact === 'user_id' ? [] : [finding('allows_with_fact', place(), `allows nothing to who has no ${fact}`)];
  });
}

function lapse({ rule, place }: PlacedRule): LintFinding[] {
  if (!rule.inverted || (!rule.notAfter && !rule.notBefore)) return [];
  const key = rule.notAfter ? 'not_after' : 'not_before';
  return [finding('denial_lapses', place(key), 'a denial with a time limit; bound the allowance instead if you can')];
}

function declassify({ rule, place }: PlacedRule, role: string): LintFinding[] {
  if (role === 'admin' || rule.inverted || !rule.actions.includes('reclassify') || !isOnMemories(rule)) return [];
  return [finding('may_declassify', place('action'), `${role} may lower levels and let memories live longer`)];
}

function owner({ rule, place }: PlacedRule, role: string): LintFinding[] {
  // A space has members in the place of an owner, and its list names them.
  if (!AGENT.test(role) || rule.inverted || !rule.subjects.includes('Memory')) return [];
  const isBound = (rule.conditions ?? []).some(
    (template) =>
      template.field === 'user_id' &&
      (template.op === 'eq' || template.op === 'in') &&
      placeholdersOf(template).some(({ kind }) => kind === 'user_id' || kind === 'attribute'),
  );
  return isBound
    ? []
    : [finding('agent_without_owner', place(), 'write user_id: ${principal.user_id} in its conditions')];
}

function indexes({ rule, place }: PlacedRule): LintFinding[] {
  const slow = isOnMemories(rule) ? conditionFieldsOf(rule).filter((field) => !INDEXED.has(field)) : [];
  if (slow.length === 0) return [];
  const message = `no index has ${slow.join(', ')}: every memory of the partition is looked at`;
  return [finding('not_indexed', place('conditions'), message)];
}

import type { Policies } from '../policies.js';
import { finding, type LintFinding } from './checks.js';
import { rulesOf, type PlacedRule } from './rules-of.js';

/** The rules of a set that ask for an approval which no role of the set may give. */
export function approvers({ roles }: Policies): LintFinding[] {
  const rules = roles.flatMap(rulesOf);
  if (rules.some(approves)) return [];
  return rules
    .filter(({ rule }) => rule.approvalOverUsers !== undefined)
    .map(({ place }) => {
      const message = 'no role may approve exports; allow one the action approve on Export';
      return finding('no_approver', place('requires_approval'), message);
    });
}

function approves({ rule: { inverted, actions, subjects } }: PlacedRule): boolean {
  return !inverted && actions.includes('approve') && subjects.includes('Export');
}

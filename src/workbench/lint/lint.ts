import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { PolicyFolder } from '../../policy/load.js';
import { Desk } from '../desk.js';
import { toPolicies, type Policies } from '../policies.js';
import { approvers } from './approvers.js';
import { SEVERITIES, type LintFinding, type Severity } from './checks.js';
import { eachRule } from './facts.js';
import { reach } from './reach.js';
import { rights } from './rights.js';

/**
 * Everything that the loader refuses; where it refuses nothing, what a person would regret.
 *
 * @param at the moment that time limits are compared with
 * @returns the findings by file and place
 */
export async function lint(folder: PolicyFolder, at: Date): Promise<LintFinding[]> {
  let policies: Policies;
  try {
    policies = toPolicies(folder);
  } catch (error) {
    if (!isMemwardenError(error, 'policy_invalid')) throw error;
    return inOrder(error.issues.map((issue) => ({ ...issue, severity: 'error' })));
  }
  const desk = await Desk.open(policies.set);
  return inOrder([
    ...policies.roles.flatMap((source) => [...eachRule(source), ...reach(source, at), ...rights(source, desk, at)]),
    ...approvers(policies),
  ]);
}

/** Whether a severity is at least as bad as another. */
export function isAtLeast(severity: Severity, worst: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(worst);
}

function inOrder(findings: readonly LintFinding[]): LintFinding[] {
  return [...findings].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.code, b.code),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

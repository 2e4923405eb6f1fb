import type { PolicySet } from '../../policy/policy-set.js';
import type { CaseFile } from './case-file.js';
import { coverageOf } from './coverage.js';
import type { TestRun } from './reports.js';
import { casesOf, type CaseResult } from './run.js';

/** Runs policy tests and says what they cover. */
export async function testPolicies(set: PolicySet, files: readonly CaseFile[]): Promise<TestRun> {
  const results: CaseResult[] = [];
  for await (const one of casesOf(set, files)) results.push(one);
  return { results, coverage: await coverageOf(set, files, results) };
}

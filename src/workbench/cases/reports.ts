import type { Builder } from 'junit-report-builder';
import type { Coverage } from './coverage.js';
import type { CaseResult } from './run.js';

/** What the run of policy tests came to. */
export interface TestRun {
  readonly results: readonly CaseResult[];
  readonly coverage: Coverage;
}

/** The sentence of a case that did not come out. */
export function failureOf({ name, expected, decision, plan, rule, place }: CaseResult): string {
  const said = decision === plan ? decision : `the decision says ${decision}, the query ${plan}`;
  return `${place.file}:${place.line}:${place.column} ${name}: expected ${expected}, ${said}${rule ? ` by ${rule}` : ''}`;
}

/** For people: what failed, what is not covered, and the counts. */
export function toText({ results, coverage }: TestRun): string {
  const failed = results.filter(({ ok }) => !ok);
  const open = coverage.items.filter(({ covered }) => !covered);
  return [
    ...failed.map((one) => `FAILED ${failureOf(one)}`),
    ...open.map(({ rule, condition }) => `not covered: ${rule}${condition === undefined ? '' : `, ${condition}`}`),
    `${results.length - failed.length} passed, ${failed.length} failed`,
    `coverage: rules ${percent(coverage.rules)}, conditions ${percent(coverage.conditions)}`,
  ].join('\n');
}

/** The Test Anything Protocol, version 14. */
export function toTap({ results }: TestRun): string {
  const lines = results.flatMap((one, i) => {
    const line = `ok ${i + 1} - ${tapText(one.name)}`;
    if (one.ok) return [line];
    return [`not ${line}`, '  ---', `  message: ${JSON.stringify(failureOf(one))}`, '  ...'];
  });
  return ['TAP version 14', `1..${results.length}`, ...lines].join('\n');
}

// A hash begins a directive, and one of them makes a failure none.
function tapText(text: string): string {
  return text.replace(/[\\#]/g, (one) => `\\${one}`);
}

/** JUnit XML: a suite a file. */
export async function toJunit({ results }: TestRun): Promise<string> {
  const loaded: unknown = (await import('junit-report-builder')).default;
  // Its types say that this is a module with a default; what Node loads is the builder itself.
  const builder = loaded as Builder;
  const report = builder.newBuilder().name('memwarden policy test');
  for (const file of new Set(results.map((one) => one.file))) {
    const suite = report.testSuite().name(file);
    for (const one of results.filter((result) => result.file === file)) {
      const testCase = suite.testCase().className(file).name(one.name).file(file);
      if (!one.ok) testCase.failure(failureOf(one), 'decision');
    }
  }
  return report.build();
}

/** For machines: counts, failures and coverage. */
export function toJson({ results, coverage }: TestRun): object {
  const failures = results.filter(({ ok }) => !ok);
  return { passed: results.length - failures.length, failed: failures.length, failures, coverage };
}

function percent(share: number): string {
  return `${Math.floor(share * 10) / 10} %`;
}

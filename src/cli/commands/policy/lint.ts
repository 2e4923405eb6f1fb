import { relative, resolve, sep } from 'node:path';
import { readPolicyFolder } from '../../../workbench/policies.js';
import { SEVERITIES, type LintFinding, type Severity } from '../../../workbench/lint/checks.js';
import { isAtLeast, lint as findIn } from '../../../workbench/lint/lint.js';
import { toSarif } from '../../../workbench/lint/sarif.js';
import { EXIT } from '../../exit-codes.js';
import {
  formatOf,
  momentOption,
  policyCommand,
  policyFolderOf,
  wordOption,
  type PolicyFlags,
  type RegisterPolicy,
} from '../../policy-flags.js';
import { version } from '../../version.js';
import { visible } from '../../visible.js';

const FORMATS = ['text', 'json', 'sarif'] as const;

interface LintFlags extends PolicyFlags {
  readonly format?: (typeof FORMATS)[number];
  readonly failOn?: Severity;
}

/** `policy lint`: what keeps policies from loading, and what whoever wrote them may regret. */
export const lint: RegisterPolicy = (program, family) => {
  const command = policyCommand(family, 'lint', 'find what is wrong with policies, and what you may regret')
    .addOption(wordOption('--format <form>', 'text (the default), json or sarif', FORMATS))
    .addOption(wordOption('--fail-on <severity>', 'error, warning (the default) or note', SEVERITIES))
    .addOption(momentOption('--at <time>', 'the moment that time limits are compared with'));
  program.act<LintFlags>(command, async ({ output }, flags) => {
    const folder = policyFolderOf(flags);
    const findings = await findIn(await readPolicyFolder(folder), flags.at ?? new Date());
    const format = formatOf(flags, 'text');
    if (format === 'text') await output.text(textOf(findings));
    else if (format === 'json') await output.text(JSON.stringify({ findings }));
    else
      await output.text(
        JSON.stringify(
          toSarif(findings, version(), (file) => uriOf(folder, file)),
          null,
          2,
        ),
      );
    const worst = flags.failOn ?? 'warning';
    return findings.some(({ severity }) => isAtLeast(severity, worst)) ? EXIT.found : EXIT.ok;
  });
};

function textOf(findings: readonly LintFinding[]): string {
  const lines = findings.map(
    ({ file, line, column, severity, code, message }) => `${file}:${line}:${column} ${severity} ${code}: ${message}`,
  );
  const counts = SEVERITIES.map((one) => `${findings.filter(({ severity }) => severity === one).length} ${one}s`);
  return [...lines.map(visible), counts.join(', ')].join('\n');
}

function uriOf(folder: string, file: string): string {
  const path = relative(process.cwd(), resolve(folder, file));
  return path.split(sep).map(encodeURIComponent).join('/');
}

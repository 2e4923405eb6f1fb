import { readCases } from '../../../workbench/cases/folder.js';
import { toJson, toJunit, toTap, toText } from '../../../workbench/cases/reports.js';
import { testPolicies } from '../../../workbench/cases/test.js';
import { readPolicies } from '../../../workbench/policies.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument } from '../../failure.js';
import { integer } from '../../flags.js';
import {
  formatOf,
  policyCommand,
  policyFolderOf,
  wordOption,
  type PolicyFlags,
  type RegisterPolicy,
} from '../../policy-flags.js';
import { visibleLines } from '../../visible.js';

const FORMATS = ['text', 'json', 'tap', 'junit'] as const;

interface TestFlags extends PolicyFlags {
  readonly format?: (typeof FORMATS)[number];
  readonly threshold?: number;
}

/** `policy test`: whether policies decide as the tests beside them expect. */
export const test: RegisterPolicy = (program, family) => {
  const command = policyCommand(family, 'test', 'run the tests that lie beside policies')
    .addOption(wordOption('--format <form>', 'text (the default), json, tap or junit', FORMATS))
    .addOption(integer('--threshold <percent>', 'fail where fewer rules or conditions decided a case'));
  program.act<TestFlags>(command, async ({ output }, flags) => {
    const { threshold = 0 } = flags;
    if (threshold > 100) throw badArgument('--threshold', 'at most 100');
    const folder = policyFolderOf(flags);
    const { set } = await readPolicies(folder);
    const run = await testPolicies(set, await readCases(folder));
    const forms = {
      text: () => visibleLines(toText(run)),
      json: () => JSON.stringify(toJson(run)),
      tap: () => visibleLines(toTap(run)),
      junit: () => toJunit(run),
    };
    await output.text(await forms[formatOf(flags, 'text')]());
    const { coverage, results } = run;
    const isCovered = coverage.rules >= threshold && coverage.conditions >= threshold;
    return isCovered && results.every(({ ok }) => ok) ? EXIT.ok : EXIT.found;
  });
};

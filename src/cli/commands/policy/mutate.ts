import { join } from 'node:path';
import { readCases, TESTS } from '../../../workbench/cases/folder.js';
import { testPolicies } from '../../../workbench/cases/test.js';
import { equivalentsOf, mutate as mutateAll, type Mutation } from '../../../workbench/mutate.js';
import { readPolicies, readPolicyFolder } from '../../../workbench/policies.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument } from '../../failure.js';
import { policyCommand, policyFolderOf, type PolicyFlags, type RegisterPolicy } from '../../policy-flags.js';
import { progressBar } from '../../progress.js';
import { visibleLines } from '../../visible.js';

/** `policy mutate`: whether the tests would notice a slip in the policies. */
export const mutate: RegisterPolicy = (program, family) => {
  const command = policyCommand(
    family,
    'mutate',
    'change policies, one slip at a time, and see whether their tests notice',
  );
  program.act<PolicyFlags>(command, async ({ io, output }, flags) => {
    const folder = policyFolderOf(flags);
    const policies = await readPolicies(folder);
    const files = await readCases(folder);
    const equivalents = equivalentsOf(await readPolicyFolder(join(folder, TESTS)));
    const { results } = await testPolicies(policies.set, files);
    // A test that fails without any change would kill every mutant.
    if (results.some(({ ok }) => !ok))
      throw badArgument('--policies', 'the policies fail their tests; run policy test');
    const bar = progressBar(io.stderr, output.json, 1_000);
    const found = await mutateAll(policies, files, equivalents, (tried, all) =>
      bar.update((tried / all) * 1_000, `${tried} of ${all} mutants`),
    );
    bar.stop();
    await output.result(found, () => visibleLines(textOf(found)));
    return found.survivors.length + found.mistaken.length > 0 ? EXIT.found : EXIT.ok;
  });
};

function textOf({ killed, refused, survivors, equivalent, mistaken }: Mutation): string {
  const counted = killed + survivors.length;
  return [
    ...survivors.map((name) => `survived: ${name}`),
    ...mistaken.map((name) => `named as equivalent, and is not: ${name}`),
    ...equivalent.map(({ mutant, reason }) => `equivalent: ${mutant} (${reason})`),
    `${killed} of ${counted} mutants killed, ${equivalent.length} equivalent, ${refused} refused by the loader`,
  ].join('\n');
}

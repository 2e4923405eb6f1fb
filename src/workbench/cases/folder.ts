import { join } from 'node:path';
import { readPolicyFolder } from '../../policy/load.js';
import { parseCaseFiles, type CaseFile } from './case-file.js';

/** The folder of the tests, beside the policies. */
export const TESTS = 'tests';
/** The file of the tests' folder that names mutants which change nothing. */
export const EQUIVALENTS = 'equivalent-mutants.yaml';

/**
 * Reads the tests of a folder of policies.
 *
 * @throws MemwardenError policy_invalid with every fault of every file
 */
export async function readCases(folder: string): Promise<CaseFile[]> {
  const { texts, unread } = await readPolicyFolder(join(folder, TESTS));
  const inTests = <T extends { readonly file: string }>(one: T): T => ({ ...one, file: `${TESTS}/${one.file}` });
  return parseCaseFiles(texts.filter(({ file }) => file !== EQUIVALENTS).map(inTests), unread.map(inTests));
}

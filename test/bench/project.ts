import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json. Compiled or not, the policies lie beside it. */
export const PROJECT = projectFolder(import.meta.dirname);
/** The policies that the package ships. */
export const POLICIES = join(PROJECT, 'policies');

function projectFolder(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectFolder(dirname(from));
}

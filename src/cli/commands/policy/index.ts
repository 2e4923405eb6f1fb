import type { Register } from '../../command.js';
import type { RegisterPolicy } from '../../policy-flags.js';
import { diff } from './diff.js';
import { explain } from './explain.js';
import { lint } from './lint.js';
import { matrix } from './matrix.js';
import { mutate } from './mutate.js';
import { test } from './test.js';

const COMMANDS: readonly RegisterPolicy[] = [lint, test, matrix, explain, diff, mutate];

/** `policy`: write, test, explain and change policies. */
export const policy: Register = (program) => {
  const family = program.command('policy', 'write, test, explain and change policies');
  for (const register of COMMANDS) register(program, family);
};

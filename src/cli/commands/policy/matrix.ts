import { writeMatrix, MATRIX_FORMATS, type MatrixFormat } from '../../../workbench/matrix-pages.js';
import { matrixOf } from '../../../workbench/matrix.js';
import { readPolicies } from '../../../workbench/policies.js';
import {
  formatOf,
  momentOption,
  policyCommand,
  policyFolderOf,
  wordOption,
  type PolicyFlags,
  type RegisterPolicy,
} from '../../policy-flags.js';

interface MatrixFlags extends PolicyFlags {
  readonly format?: MatrixFormat;
}

/** `policy matrix`: what each role may do, as a document. */
export const matrix: RegisterPolicy = (program, family) => {
  const command = policyCommand(family, 'matrix', 'write down what each role may do')
    .addOption(wordOption('--format <form>', 'markdown (the default), csv, html or json', MATRIX_FORMATS))
    .addOption(momentOption('--at <time>', 'what holds at this moment (now where none is given)'));
  program.act<MatrixFlags>(command, async ({ output }, flags) => {
    const found = await matrixOf(await readPolicies(policyFolderOf(flags)), flags.at ?? new Date());
    await output.text(writeMatrix(found, formatOf(flags, 'markdown')));
    return undefined;
  });
};

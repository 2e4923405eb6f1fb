import { newKeyFile } from '../../../wiring/key-file.js';
import type { RegisterIn } from '../../command.js';

/** `keys create-file`: a new local key-encryption key, for `keys rewrap`. */
export const createFile: RegisterIn = (program, family) => {
  const command = family
    .command('create-file <path>')
    .option('--json', 'print JSON')
    .description('make a key file for `keys rewrap`; no file that is there is replaced');
  program.act<{ json?: boolean }>(command, async ({ output }, _flags, path = '') => {
    const made = await newKeyFile(path);
    await output.result(made, () => `made ${made.file}, ${made.kekId}; keep a copy apart from the backups of the data`);
    return undefined;
  });
};

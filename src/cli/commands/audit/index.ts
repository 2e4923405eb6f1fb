import { keep } from './keep.js';
import { query, tail } from './query.js';
import { report } from './report.js';
import { verify } from './verify.js';
import type { Register } from '../../command.js';

/** `audit`: looking at the log, which is itself decided and recorded. */
export const audit: Register = (program) => {
  const family = program.command('audit', 'verify, search, report on and keep the audit log');
  verify(program, family);
  tail(program, family);
  query(program, family);
  report(program, family);
  keep(program, family);
};

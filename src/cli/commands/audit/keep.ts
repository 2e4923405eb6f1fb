import { amount } from '../../amount.js';
import type { Command } from 'commander';
import type { Registry } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once } from '../../flags.js';
import { momentOf, withAuditor, withTrail, type AuditFlags } from './flags.js';

/** `audit checkpoint`, `audit dump` and `audit prune`. */
export function keep(program: Registry, audit: Command): void {
  const checkpoint = withAuditor(audit.command('checkpoint').description('sign where all streams stand, into a file'));
  program.act<AuditFlags>(checkpoint, async ({ io, output }, flags) => {
    const path = await withTrail(flags, io, (trail) => trail.checkpoint());
    await output.result({ path }, () => `${path}\nKeep a copy where nobody who writes to the database can change it.`);
    return undefined;
  });

  const dump = withAuditor(audit.command('dump <folder>').description('write every line of the log into a new folder'));
  program.act<AuditFlags>(dump, async ({ io, output }, flags, folder = '') => {
    const groups = await withTrail(flags, io, (trail) => trail.dump(folder));
    await output.result(
      { groups },
      () => `${amount(groups, 'group')}; check them with tools/verify-audit.py ${folder}`,
    );
    return undefined;
  });

  const prune = withAuditor(
    audit.command('prune').description('take away whole streams that ended before a time, leaving signed summaries'),
  ).addOption(once('--before <time>', 'streams that ended before this moment').makeOptionMandatory());
  program.act<AuditFlags & { readonly before: string }>(prune, async ({ io, output }, flags) => {
    const before = momentOf(flags.before, '--before');
    if (!before) throw badArgument('--before');
    const pruned = await withTrail(flags, io, (trail) => trail.prune(before));
    await output.result(
      pruned,
      () => `took away ${amount(pruned.records, 'record')} of ${amount(pruned.streams, 'stream')}`,
    );
    return undefined;
  });
}

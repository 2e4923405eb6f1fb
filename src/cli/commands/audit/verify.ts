import { amount } from '../../amount.js';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { VerifyReport } from '../../../index.js';
import type { Registry } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument, isAbsent, isFileError, NO_FILE } from '../../failure.js';
import { given, once } from '../../flags.js';
import { momentOf, withAuditor, withTrail, type AuditFlags } from './flags.js';

interface VerifyFlags extends AuditFlags {
  readonly checkpoint?: string;
  readonly files?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `audit verify`. */
export function verify(program: Registry, audit: Command): void {
  const command = withAuditor(audit.command('verify').description('check every record, signature and link of the log'))
    .addOption(once('--checkpoint <file>', 'a checkpoint that was kept elsewhere'))
    .addOption(once('--files <dir>', 'JSON lines of the file sink or of `audit dump`, in the place of the store'))
    .addOption(once('--since <time>', 'records from this moment on; what lies before by its signed heads alone'))
    .addOption(once('--until <time>', 'records before this moment'));
  program.act<VerifyFlags>(command, async ({ io, output }, flags) => {
    const checkpoint = flags.checkpoint === undefined ? undefined : await checkpointIn(flags.checkpoint);
    const since = momentOf(flags.since, '--since');
    const until = momentOf(flags.until, '--until');
    const report = await withTrail(flags, io, (trail) =>
      trail.verify(given({ checkpoint, files: flags.files, since, until })),
    );
    await output.result(report, () => reportText(report));
    return report.ok ? EXIT.ok : EXIT.auditBroken;
  });
}

async function checkpointIn(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw badArgument('--checkpoint', isFileError(error) && isAbsent(error) ? NO_FILE : 'cannot be read');
  });
}

function reportText(report: VerifyReport): string {
  const { ok, records, heads, streams, pruned, completeness, findings, openIntents } = report;
  const found = findings.map(
    ({ fault, stream, group, seq }) => `  ${fault}: stream ${stream}, group ${group}, record ${seq}`,
  );
  const open = openIntents.map(
    ({ stream, seq, action, time }) => `  ${action} of ${time}: stream ${stream}, record ${seq}`,
  );
  return [
    ok ? 'verified' : 'NOT VERIFIED, the first fault first:',
    ...found,
    `${amount(records, 'record')}, ${amount(heads, 'signed head')}, ${amount(streams, 'stream')} (${pruned} pruned)`,
    completeness,
    ...(open.length ? ['changes without a result:', ...open] : []),
  ].join('\n');
}

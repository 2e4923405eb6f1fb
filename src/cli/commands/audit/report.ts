import type { Command } from 'commander';
import { formatReport, REPORT_FORMATS, type ReportFormat } from '../../../compliance/report-formats.js';
import type { DisclosureReport, SpaceDisclosureReport } from '../../../index.js';
import type { Registry } from '../../command.js';
import { badArgument } from '../../failure.js';
import { given, once } from '../../flags.js';
import { write } from '../../io.js';
import { momentOf, withAuditor, withTrail, type AuditFlags } from './flags.js';

interface ReportFlags extends AuditFlags {
  readonly user?: string;
  readonly space?: string;
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `audit report`. */
export function report(program: Registry, audit: Command): void {
  const command = withAuditor(
    audit.command('report').description('account for the disclosures of the memories of a user, or of a space'),
  )
    .addOption(once('--user <id>', 'whose memories'))
    .addOption(once('--space <id>', 'those of a shared space'))
    .addOption(once('--format <form>', `${REPORT_FORMATS.join(', ')}; text where none is given`))
    .addOption(once('--since <time>', 'from this moment on'))
    .addOption(once('--until <time>', 'before this moment'));
  program.act<ReportFlags>(command, async ({ io }, flags) => {
    const format = (flags.format ?? (flags.json ? 'json' : 'text')) as ReportFormat;
    if (!REPORT_FORMATS.includes(format)) throw badArgument('--format', REPORT_FORMATS.join(', '));
    const period = given({ since: momentOf(flags.since, '--since'), until: momentOf(flags.until, '--until') });
    const { user, space } = flags;
    const found = await withTrail(flags, io, (trail): Promise<DisclosureReport | SpaceDisclosureReport> => {
      if (user !== undefined && space === undefined) return trail.report(user, period);
      if (space !== undefined && user === undefined) return trail.reportSpace(space, period);
      throw badArgument('--user', 'give --user or --space, one of them');
    });
    await write(io.stdout, formatReport(found, format));
    return undefined;
  });
}

import type { ErasureCertificate } from '../../../model/erasure.js';
import type { Warden } from '../../../index.js';
import { assertNew, writeCertificate } from '../../certificate-file.js';
import { writeReport } from '../../report-file.js';
import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf, withWarden } from '../../open.js';
import { countdown } from '../../countdown.js';
import { counter } from '../../progress.js';

interface RunFlags extends StoreFlags, PrincipalFlags {
  readonly user?: string;
  readonly out?: string;
  readonly report?: string;
}

/** `erasure run`: erases a user, or goes on with what was cut off. */
export const runErasure: RegisterIn = (program, family) => {
  const command = withStore(withPrincipal(family.command('run')))
    .description('erase a user for good, or without --user go on with erasures that were cut off; takes over a minute')
    .addOption(once('--user <id>', 'whom to erase'))
    .addOption(once('--out <file>', 'write the certificate here (with --user)'))
    .addOption(once('--report <file>', "first write the person's last disclosure report here (with --user)"));
  program.act<RunFlags>(command, async ({ io, output }, flags) => {
    const { user, out, report } = flags;
    if (out !== undefined && user === undefined) throw badArgument('--out', 'only together with --user');
    if (report !== undefined && user === undefined) throw badArgument('--report', 'only together with --user');
    await assertNew('--out', out);
    await assertNew('--report', report);
    const count = counter(io.stderr, output.json);
    count.say('erasing');
    const act = async (warden: Warden) => {
      const principal = principalOf(flags);
      if (user === undefined) return warden.keys.resumeErasures(principal);
      return [await warden.keys.erase(principal, user, writeReport(report))];
    };
    const certificates = await withWarden(flags, io, act, undefined, countdown(count, 'erasing'));
    count.stop();
    const [first] = certificates;
    await writeCertificate(out, first);
    if (output.json) for (const certificate of certificates) await output.result(certificate, () => '');
    else await output.people(certificates.map(summary).join('\n') || 'no erasure was cut off');
    return undefined;
  });
};

function summary({ erasureId, deleted, keyIds, finalAt }: ErasureCertificate): string {
  return `${erasureId}: ${deleted.memories} memories, ${deleted.states} past states, ${keyIds.length} keys destroyed; final at ${finalAt}`;
}

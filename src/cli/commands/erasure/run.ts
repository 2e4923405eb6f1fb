import type { ErasureCertificate } from '../../../model/erasure.js';
import type { Warden } from '../../../index.js';
import { leftInSpaces } from '../../left-in-spaces.js';
import { assertNew, writeCertificate, writeNext } from '../../certificate-file.js';
import { writeReport } from '../../report-file.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument } from '../../failure.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { interruptible, tellInterrupted, type Interruption } from '../../interruptible.js';
import type { Io } from '../../io.js';
import { principalOf, withWarden } from '../../open.js';
import { WORDINGS } from '../../countdown.js';
import { counter } from '../../progress.js';
import { erasureGoesOn } from '../../resuming.js';

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
    .addOption(once('--out <file>', 'write the certificate here; without --user the certificates, one a line'))
    .addOption(once('--report <file>', "first write the person's last disclosure report here (with --user)"));
  program.act<RunFlags>(command, async ({ io, output }, flags) => {
    const { user, out, report } = flags;
    if (report !== undefined && user === undefined) throw badArgument('--report', 'only together with --user');
    await assertNew({ '--out': out, '--report': report });
    const count = counter(io.stderr, output.json);
    count.say('erasing');
    const certificates: ErasureCertificate[] = [];
    const ending = await interruptible(io, count, WORDINGS.erasing, ({ steps, check }) =>
      withWarden(
        flags,
        io,
        (warden) => {
          check();
          return user === undefined
            ? resume(warden, flags, certificates)
            : erase(io, warden, user, flags, certificates);
        },
        { steps },
      ),
    );
    count.stop();
    if (output.json) for (const certificate of certificates) await output.result(certificate, () => '');
    else if (certificates.length > 0) await output.people(certificates.map(summary).join('\n'));
    if ('value' in ending) {
      if (certificates.length === 0) await output.people('no erasure was cut off');
      return EXIT.ok;
    }
    return tellInterrupted(output, ending, interruption(flags, certificates.length));
  });
};

async function erase(io: Io, warden: Warden, user: string, flags: RunFlags, done: ErasureCertificate[]): Promise<void> {
  const { out, report } = flags;
  const certificate = await warden.keys.erase(principalOf(flags), user, writeReport(report));
  done.push(certificate);
  await writeCertificate(io, out, certificate);
}

async function resume(warden: Warden, flags: RunFlags, done: ErasureCertificate[]): Promise<void> {
  await warden.keys.resumeErasures(principalOf(flags), (certificate) => {
    done.push(certificate);
    writeNext(flags.out, certificate, done.length === 1);
  });
}

function interruption(flags: RunFlags, done: number): Interruption {
  const elsewhere = flags.out !== undefined && done > 0 ? ', with another --out' : '';
  const goesOn =
    flags.user === undefined
      ? `an erasure is begun and not at its end; the same command goes on${elsewhere}`
      : erasureGoesOn(flags);
  return { goesOn, nothing: 'no erasure was begun' };
}

function summary({ erasureId, deleted, keyIds, shared, finalAt }: ErasureCertificate): string {
  const done = [amount(deleted.memories, 'memory'), amount(deleted.states, 'past state'), amount(keyIds.length, 'key')];
  const whole = `${erasureId}: ${done.join(', ')} destroyed; final at ${finalAt}`;
  return [whole, ...leftInSpaces(shared)].join('\n');
}

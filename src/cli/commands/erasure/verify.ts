import { readFile } from 'node:fs/promises';
import { verifyCertificate } from '../../../compliance/erase/certificate.js';
import type { ErasureCertificate } from '../../../model/erasure.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { certificatesIn } from '../../certificate-file.js';
import { leftInSpaces } from '../../left-in-spaces.js';
import { badArgument } from '../../failure.js';
import { once } from '../../flags.js';

interface VerifyFlags {
  readonly keys: string;
  readonly json?: boolean;
}

/** `erasure verify`: offline, with the public keys alone. */
export const verify: RegisterIn = (program, family) => {
  const command = family
    .command('verify')
    .argument('<file>', 'a certificate, or several, one a line')
    .description('check a certificate offline, with the public keys alone')
    .addOption(once('--keys <file>', 'public keys, as `keys public` prints them').makeOptionMandatory())
    .option('--json', 'machine output');
  program.act<VerifyFlags>(command, async ({ output }, flags, file) => {
    const keys = await text(flags.keys, '--keys');
    // All of them before any is called valid.
    const certificates = certificatesIn(await text(file, 'file')).map((one) => verifyCertificate(one, keys));
    for (const certificate of certificates)
      await output.result({ valid: true, certificate }, () => statement(certificate));
    return undefined;
  });
};

function statement(certificate: ErasureCertificate): string {
  const { erasureId, deleted, keysDestroyedAt, finalAt, requestedBy, remains, beyond, shared } = certificate;
  return [
    `valid: erasure ${erasureId}, asked for by ${requestedBy.id} (${requestedBy.role})`,
    `deleted ${amount(deleted.memories, 'memory')} and ${amount(deleted.states, 'past state')}; keys destroyed at ${keysDestroyedAt}`,
    ...leftInSpaces(shared),
    ...remains.map(
      ({ where, what, until }) =>
        `remains in ${where}: ${what}; ${until === 'unlimited' ? 'for good' : `until ${until}`}`,
    ),
    ...beyond.map((what) => `beyond reach: ${what}`),
    `final at ${finalAt}`,
  ].join('\n');
}

async function text(file: string | undefined, argument: string): Promise<string> {
  if (file === undefined) throw badArgument(argument);
  return readFile(file, 'utf8').catch(() => {
    throw badArgument(argument, 'cannot be read');
  });
}

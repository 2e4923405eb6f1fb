import { readFile } from 'node:fs/promises';
import { MANIFEST_ENDING, pathsOf } from '../../../compliance/export/files.js';
import { verifyExport } from '../../../compliance/export/manifest.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { once } from '../../flags.js';
import { visible } from '../../visible.js';
import { withheldIn } from '../../users-file.js';

interface VerifyFlags {
  readonly keys: string;
  readonly json?: boolean;
}

/** `export verify`: offline, with the public keys alone. */
export const verify: RegisterIn = (program, family) => {
  const command = family
    .command('verify')
    .argument('<file>', 'an export, or its manifest, with its other files beside it')
    .description('check every byte of an export offline, with the public keys alone')
    .addOption(once('--keys <file>', 'public keys, as `keys public` prints them').makeOptionMandatory())
    .option('--json', 'machine output');
  program.act<VerifyFlags>(command, async ({ output }, flags, file = '') => {
    const keys = await readFile(flags.keys, 'utf8').catch(() => {
      throw badArgument('--keys', 'cannot be read');
    });
    const out = file.endsWith(MANIFEST_ENDING) ? file.slice(0, -MANIFEST_ENDING.length) : file;
    const { manifest: path, users } = pathsOf(out);
    const manifest = await verifyExport(path, keys);
    const withheld = await withheldIn(users);
    await output.result({ valid: true, manifest }, () => {
      const { exportId, principal, recipient, counts, startedAt, completedAt, files, approval } = manifest;
      const levels = Object.entries(counts.levels).map(([level, count]) => `${level} ${count}`);
      return [
        `valid: export ${exportId}, by ${principal.id} (${principal.role})${recipient === undefined ? '' : ` for ${recipient}`}`,
        `${amount(counts.memories, 'memory')} of ${amount(counts.users, 'user')} (${levels.join(', ')})`,
        ...(counts.spaces ?? []).map(({ space, memories }) => `${memories} of them of the space ${visible(space)}`),
        ...withheld,
        `${startedAt.join(', ')} to ${completedAt}`,
        ...(approval ? [`approved by ${approval.approvedBy.id} at ${approval.at}`] : []),
        ...files.map(({ name, sha256 }) => `${name}: ${sha256}`),
      ].join('\n');
    });
    return undefined;
  });
};

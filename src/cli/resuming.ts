import type { PrincipalFlags, StoreFlags } from './flags.js';
import { visible } from './visible.js';

type ResumingFlags = StoreFlags & Pick<PrincipalFlags, 'as'>;

/** What goes on with an erasure that is begun: of a user, or of a space. */
export function erasureGoesOn(flags: ResumingFlags & { readonly report?: string }): string {
  const same = flags.report === undefined ? 'the same command goes on' : 'the same command without --report goes on';
  return `the erasure is begun and not at its end; ${same},\nor for all that were cut off: ${resumingCommand(flags)}`;
}

/** The command that goes on with all erasures that were cut off, in the store that flags name. */
function resumingCommand({ as, data, mongodbUri, tenant }: ResumingFlags): string {
  const words = ['memwarden', 'erasure', 'run', '--as', as];
  if (data !== undefined) words.push('--data', data);
  // An address may hold a password.
  if (mongodbUri !== undefined) words.push('--mongodb-uri', 'URI');
  if (tenant !== undefined) words.push('--tenant', tenant);
  return [...words, '--out', 'FILE'].map(quoted).join(' ');
}

function quoted(word: string): string {
  const shown = visible(word);
  return /^[\w./:@-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}

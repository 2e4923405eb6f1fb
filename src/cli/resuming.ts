import type { PrincipalFlags, StoreFlags } from './flags.js';
import { visible } from './visible.js';

/** The command that goes on with all erasures that were cut off, in the store that flags name. */
export function resumingCommand({ as, data, mongodbUri, tenant }: StoreFlags & Pick<PrincipalFlags, 'as'>): string {
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

import type { Command } from 'commander';
import { once, withStore, type StoreFlags } from '../../flags.js';
import { principalOf } from '../../open.js';
import type { Principal } from '../../../index.js';

/** Every flag of a command on credentials. `--user`, `--purpose` and `--attribute` are free for what a credential may do. */
export interface CredentialFlags extends StoreFlags {
  readonly as: string;
  readonly principal?: string;
}

/** Adds the flags that say who manages credentials, and where they lie. */
export function withManager(command: Command): Command {
  const asked = command
    .allowExcessArguments(false)
    .addOption(once('--as <role>', 'role of the principal').makeOptionMandatory())
    .addOption(once('--principal <id>', 'id of the principal (cli where none is given)'));
  return withStore(asked);
}

/** Who manages credentials. */
export function managerOf({ as, principal }: CredentialFlags): Principal {
  return principalOf({ as, ...(principal === undefined ? {} : { principal }) });
}

import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Principal } from '../../../index.js';
import { attributeOption, once, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';
import { principalOf } from '../../open.js';

/** Every flag that says who exports or approves: all but the id, which is the user of the operating system. */
export interface ExporterFlags extends StoreFlags, Omit<PrincipalFlags, 'principal'> {}

/** Adds the flags that say who exports or approves, and where the store lies. */
export function withExporter(command: Command): Command {
  const asked = command
    .allowExcessArguments(false)
    .addOption(
      once('--as <role>', 'role of the principal; its id is the user of the operating system').makeOptionMandatory(),
    )
    .addOption(once('--on-behalf-of <id>', 'user that the principal acts for'))
    .addOption(once('--purpose <word>', 'why it asks'))
    .addOption(attributeOption());
  return withStore(asked);
}

/** Who exports or approves. No flag changes the id, so that nobody approves an export of their own under another name. */
export function exporterOf(flags: ExporterFlags): Principal {
  return principalOf({ ...flags, principal: operatingSystemUser() });
}

// Of the process, not of the environment.
function operatingSystemUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as containers have them.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

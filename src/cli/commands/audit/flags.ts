import type { Command } from 'commander';
import type { AuditTrail } from '../../../index.js';
import { toMoment, MOMENT_HINT } from '../../../model/moment.js';
import { badArgument } from '../../failure.js';
import { once, withStore, type StoreFlags } from '../../flags.js';
import type { Io } from '../../io.js';
import { principalOf, withWarden } from '../../open.js';

/** Every flag of a command on the audit log. */
export interface AuditFlags extends StoreFlags {
  readonly as: string;
  readonly purpose?: string;
}

/** Adds the flags that say who looks at the log, and where it lies. `--principal` is free for what is looked for. */
export function withAuditor(command: Command): Command {
  const asked = command
    .allowExcessArguments(false)
    .addOption(once('--as <role>', 'role of the principal').makeOptionMandatory())
    .addOption(once('--purpose <word>', 'why it asks'));
  return withStore(asked);
}

/** Opens the log for one act. */
export function withTrail<T>(flags: AuditFlags, io: Io, act: (trail: AuditTrail) => Promise<T>): Promise<T> {
  const { as, purpose } = flags;
  const principal = principalOf({ as, ...(purpose === undefined ? {} : { purpose }) });
  return withWarden(flags, io, (warden) => act(warden.audit(principal)));
}

/** A time of a flag. */
export function momentOf(value: string | undefined, flag: string): Date | undefined {
  if (value === undefined) return undefined;
  const moment = toMoment(value);
  if (!moment) throw badArgument(flag, MOMENT_HINT);
  return moment;
}

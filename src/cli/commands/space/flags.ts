import { Option, type Command } from 'commander';
import type { SpaceAccess, SpaceMember } from '../../../index.js';
import { badArgument } from '../../failure.js';
import { jsonOption, once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../../flags.js';

/** The flags of every command on spaces. */
export interface SpaceFlags extends StoreFlags, PrincipalFlags {}

/** The flags that name a member. */
export interface MemberFlags extends SpaceFlags {
  readonly member?: string;
  readonly having?: unknown;
}

/** Adds the flags that say who asks, and where spaces lie. */
export function onSpaces(command: Command): Command {
  return withStore(withPrincipal(command));
}

/** Adds the flags that name a member. */
export function withMember(command: Command): Command {
  return onSpaces(command)
    .addOption(once('--member <user>', 'a user'))
    .addOption(jsonOption('--having <json>', 'everybody with a value of an attribute, such as {"ward":"west"}'));
}

/** What a member may do. */
export function accessOption(): Option {
  return once('--access <access>', 'read, or write, which includes read')
    .choices(['read', 'write'])
    .makeOptionMandatory();
}

/** The member that flags name. */
export function memberOf({ member, having }: MemberFlags): SpaceMember {
  if ((member === undefined) === (having === undefined)) throw badArgument('--member', 'this or --having');
  if (member !== undefined) return { user: member };
  const [one, ...more] = Object.entries((having ?? {}) as Readonly<Record<string, string | number | boolean>>);
  if (!one || more.length > 0) throw badArgument('--having', 'one attribute with its value');
  return { attribute: one[0], value: one[1] };
}

export type { SpaceAccess };

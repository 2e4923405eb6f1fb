import { MOMENT_HINT, toMoment } from '../../../model/moment.js';
import type { RegisterIn } from '../../command.js';
import { badArgument } from '../../failure.js';
import { attributeOption, once, repeatable, toDuration, type Attributes } from '../../flags.js';
import type { Warden } from '../../../index.js';
import { withWarden } from '../../open.js';
import { managerOf, withManager, type CredentialFlags } from './flags.js';
import { summary } from './summary.js';

interface CreateFlags extends CredentialFlags {
  readonly role: string;
  readonly name?: string;
  readonly user?: readonly string[];
  readonly anyUser?: boolean;
  readonly purpose?: readonly string[];
  readonly attribute?: Attributes;
  readonly expires?: string;
}

/** `credentials create`: a new API key, told once. */
export const create: RegisterIn = (program, family) => {
  const command = withManager(family.command('create'))
    .description('make an API key and print it, this once; without --user and --any-user it acts for nobody')
    .addOption(once('--role <role>', 'the role that its holder has').makeOptionMandatory())
    .addOption(once('--name <name>', 'what it is called in lists'))
    .addOption(repeatable('--user <id>', 'a user that it may act for; may be repeated'))
    .option('--any-user', 'it may act for any user')
    .addOption(repeatable('--purpose <word>', 'a purpose that its requests may name; may be repeated'))
    .addOption(attributeOption())
    .addOption(once('--expires <when>', 'after this time or length of time it is refused: 2027-01-01T00:00:00Z, 90d'));
  program.act<CreateFlags>(command, async ({ io, output }, flags) => {
    const { role, name, user = [], anyUser, purpose, attribute, expires } = flags;
    if (anyUser && user.length > 0) throw badArgument('--user', 'not together with --any-user');
    const expiresAt = expires === undefined ? undefined : expiryOf(expires, Date.now());
    const act = (warden: Warden) =>
      warden.credentials.create(managerOf(flags), {
        role,
        users: anyUser ? 'any' : user,
        ...(name === undefined ? {} : { name }),
        ...(purpose === undefined ? {} : { purposes: purpose }),
        ...(attribute === undefined ? {} : { attributes: { ...attribute } }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
    const made = await withWarden(flags, io, act, { makes: true });
    await output.result(
      made,
      () => `${made.key}\n${summary(made.credential)}\nkeep it now: it is not stored, and is not shown again`,
    );
    return undefined;
  });
};

function expiryOf(text: string, now: number): Date {
  const length = toDuration(text);
  const at = length === undefined ? toMoment(text) : new Date(now + length);
  if (!at || Number.isNaN(at.getTime()))
    throw badArgument('--expires', `${MOMENT_HINT}; or a number and ms, s, m, h or d`);
  if (at.getTime() <= now) throw badArgument('--expires', 'is over already');
  return at;
}

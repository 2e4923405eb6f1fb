import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { given, integer, once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import { principalOf, withWarden } from '../open.js';

interface UsersFlags extends StoreFlags, PrincipalFlags {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

const LARGEST_PAGE = 1_000;

/** `users`: whom memories are kept of. */
export const users: Register = (program) => {
  const command = withStore(withPrincipal(program.command('users', 'list the users that memories are kept of')))
    .addOption(integer('--limit <n>', 'length of the page, 1 to 1000 (50 where none is given)'))
    .addOption(once('--cursor <cursor>', 'continue after this place'))
    .option('--all', 'every page');
  program.act<UsersFlags>(command, async ({ io, output }, flags) => {
    if (flags.all && (flags.limit ?? flags.cursor) !== undefined)
      throw badArgument('--all', 'not together with --limit or --cursor');
    await withWarden(flags, io, async (warden) => {
      const limit = flags.all ? LARGEST_PAGE : flags.limit;
      let { cursor } = flags;
      do {
        const page = await warden.users(principalOf(flags), given({ limit, cursor }));
        await output.list(page.users, ['user', 'since'], ({ userId, createdAt }) => [userId, createdAt.toISOString()]);
        ({ cursor } = page);
      } while (flags.all && cursor !== undefined);
      if (cursor === undefined) return;
      if (output.json) await output.result({ cursor }, () => '');
      else await output.people(`more: --cursor ${cursor}`);
    });
    return undefined;
  });
};

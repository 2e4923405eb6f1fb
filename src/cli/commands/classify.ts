import type { Raise } from '../../index.js';
import type { Warden } from '../../warden.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { given, once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import { principalOf, withWarden } from '../open.js';

interface ClassifyFlags extends StoreFlags, PrincipalFlags {
  readonly user?: string;
  readonly allUsers?: boolean;
  readonly dryRun?: boolean;
  readonly ids?: boolean;
}

interface UserRaise extends Raise {
  readonly userId: string;
}

const PAGE = 1_000;

/** `classify`: raises the level of what is stored to what its text asks for. */
export const classify: Register = (program) => {
  const command = withStore(
    withPrincipal(program.command('classify', 'raise stored memories to the level that their text asks for')),
  )
    .addOption(once('--user <id>', 'whose memories'))
    .option('--all-users', 'those of every user')
    .option('--dry-run', 'only say what would be raised')
    .option('--ids', 'name each memory, not counts alone (with --json always)');
  program.act<ClassifyFlags>(command, async ({ io, output }, flags) => {
    if ((flags.user === undefined) === (flags.allUsers !== true))
      throw badArgument('--user', 'give --user or --all-users, one of them');
    const dryRun = flags.dryRun === true;
    const counts = new Map<string, { readonly raise: UserRaise; count: number }>();
    let raised = 0;
    await withWarden(flags, io, async (warden) => {
      for await (const userId of usersOf(warden, flags)) {
        const found: UserRaise[] = [];
        for await (const raise of warden.scope(principalOf(flags), userId).classify({ dryRun })) {
          found.push({ userId, ...raise });
          count(counts, { userId, ...raise });
        }
        raised += found.length;
        if (output.json || flags.ids)
          await output.list(found, ['user', 'id', 'from', 'to', 'rule'], (one) => [
            one.userId,
            one.id,
            one.from,
            one.to,
            one.ruleId,
          ]);
      }
    });
    await output.result({ raised, dryRun }, () => {
      const rows = [...counts.values()].map(({ raise, count: number }) => [
        raise.userId,
        raise.from,
        raise.to,
        raise.ruleId,
        String(number),
      ]);
      const table = rows.length > 0 ? `${output.table(['user', 'from', 'to', 'rule', 'memories'], rows)}\n` : '';
      return `${table}${dryRun ? 'would raise' : 'raised'} ${raised} memories`;
    });
    return undefined;
  });
};

function count(counts: Map<string, { readonly raise: UserRaise; count: number }>, raise: UserRaise): void {
  const key = JSON.stringify([raise.userId, raise.from, raise.to, raise.ruleId]);
  const entry = counts.get(key);
  if (entry) entry.count += 1;
  else counts.set(key, { raise, count: 1 });
}

async function* usersOf(warden: Warden, flags: ClassifyFlags): AsyncGenerator<string> {
  if (flags.user !== undefined) {
    yield flags.user;
    return;
  }
  let cursor: string | undefined;
  do {
    const page = await warden.users(principalOf(flags), given({ limit: PAGE, cursor }));
    for (const { userId } of page.users) yield userId;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

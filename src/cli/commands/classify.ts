import type { Raise, ScopedMemory, SharedSpace } from '../../index.js';
import type { Warden } from '../../warden.js';
import { amount } from '../amount.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { given, once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import { principalOf, withWarden } from '../open.js';

interface ClassifyFlags extends StoreFlags, PrincipalFlags {
  readonly user?: string;
  readonly space?: string;
  readonly allUsers?: boolean;
  readonly dryRun?: boolean;
  readonly ids?: boolean;
}

/** Whose a memory is: a user's or a space's. */
type Place = { readonly userId: string } | { readonly space: string };
type PlacedRaise = Raise & Place;

const PAGE = 1_000;

/** `classify`: raises the level of what is stored to what its text asks for. */
export const classify: Register = (program) => {
  const command = withStore(
    withPrincipal(program.command('classify', 'raise stored memories to the level that their text asks for')),
  )
    .addOption(once('--user <id>', 'whose memories'))
    .option('--all-users', 'those of every user')
    .addOption(once('--space <id>', 'those of a shared space'))
    .option('--dry-run', 'only say what would be raised')
    .option('--ids', 'name each memory, not counts alone (with --json always)');
  program.act<ClassifyFlags>(command, async ({ io, output }, flags) => {
    if ([flags.user !== undefined, flags.space !== undefined, flags.allUsers === true].filter(Boolean).length !== 1)
      throw badArgument('--user', 'give --user, --all-users or --space, one of them');
    const dryRun = flags.dryRun === true;
    const counts = new Map<string, { readonly raise: PlacedRaise; count: number }>();
    const of = flags.space === undefined ? 'user' : 'space';
    let raised = 0;
    await withWarden(flags, io, async (warden) => {
      for await (const place of placesOf(warden, flags)) {
        const found: PlacedRaise[] = [];
        for await (const raise of memoriesOf(warden, flags, place).classify({ dryRun })) {
          found.push({ ...place, ...raise });
          count(counts, { ...place, ...raise });
        }
        raised += found.length;
        if (output.json || flags.ids)
          await output.list(found, [of, 'id', 'from', 'to', 'rule'], (one) => [
            nameOf(one),
            one.id,
            one.from,
            one.to,
            one.ruleId,
          ]);
      }
    });
    await output.result({ raised, dryRun }, () => {
      const rows = [...counts.values()].map(({ raise, count: number }) => [
        nameOf(raise),
        raise.from,
        raise.to,
        raise.ruleId,
        String(number),
      ]);
      const table = rows.length > 0 ? `${output.table([of, 'from', 'to', 'rule', 'memories'], rows)}\n` : '';
      return `${table}${dryRun ? 'would raise' : 'raised'} ${amount(raised, 'memory')}`;
    });
    return undefined;
  });
};

function count(counts: Map<string, { readonly raise: PlacedRaise; count: number }>, raise: PlacedRaise): void {
  const key = JSON.stringify([nameOf(raise), raise.from, raise.to, raise.ruleId]);
  const entry = counts.get(key);
  if (entry) entry.count += 1;
  else counts.set(key, { raise, count: 1 });
}

function nameOf(place: Place): string {
  return 'space' in place ? place.space : place.userId;
}

function memoriesOf(warden: Warden, flags: ClassifyFlags, place: Place): ScopedMemory | SharedSpace {
  const principal = principalOf(flags);
  return 'space' in place ? warden.space(principal, place.space) : warden.scope(principal, place.userId);
}

async function* placesOf(warden: Warden, flags: ClassifyFlags): AsyncGenerator<Place> {
  const { user, space } = flags;
  if (space !== undefined) yield { space };
  if (user !== undefined) yield { userId: user };
  if (!flags.allUsers) return;
  let cursor: string | undefined;
  do {
    const page = await warden.users(principalOf(flags), given({ limit: PAGE, cursor }));
    for (const { userId } of page.users) yield { userId };
    ({ cursor } = page);
  } while (cursor !== undefined);
}

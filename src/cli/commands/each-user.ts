import { createHash } from 'node:crypto';
import type { ForEachUserResult } from '../../index.js';
import type { ScopedMemory } from '../../memory/scoped-memory.js';
import type { Warden } from '../../warden.js';
import { amount } from '../amount.js';
import type { Register } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { badArgument } from '../failure.js';
import { given, integer, once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import type { Io } from '../io.js';
import { principalOf, withWarden } from '../open.js';
import { progressBar } from '../progress.js';
import { selectionOf, withSelection, type SelectionFlags } from '../selection-flags.js';

interface EachUserFlags extends StoreFlags, PrincipalFlags, SelectionFlags {
  readonly concurrency?: number;
  readonly perSecond?: number;
  readonly job?: string;
  readonly restart?: boolean;
  readonly all?: boolean;
}

const PAGE = 1_000;
const ACTS = ['classify', 'count', 'delete'] as const;
type Act = (typeof ACTS)[number];
const DONE: Readonly<Record<Act, string>> = { classify: 'raised', count: 'counted', delete: 'deleted' };

/** `each-user`: one act on the memories of every user that the principal may list. */
export const eachUser: Register = (program) => {
  const command = withSelection(
    withStore(
      withPrincipal(program.command('each-user <act>', 'classify, count or delete the memories of every user')),
    ),
  )
    .addOption(integer('--concurrency <n>', 'users under way at once, 1 to 1000 (4 where none is given)'))
    .addOption(integer('--per-second <n>', 'users begun a second at most'))
    .addOption(once('--job <name>', 'go on where a run of this name was cut off'))
    .option('--restart', 'begin the job anew (with --job)')
    .option('--all', 'with delete: everything that the principal may read and delete');
  program.act<EachUserFlags>(command, async ({ io, output }, flags, name) => {
    const act = actOf(name, flags);
    const stop = new AbortController();
    const takeBack = io.onInterrupt(() => stop.abort());
    let memories = 0;
    try {
      const result = await withWarden(flags, io, async (warden) => {
        const bar = progressBar(io.stderr, output.json, await usersThere(warden, flags, io, output.json));
        const { concurrency, perSecond, restart } = flags;
        try {
          return await warden.forEachUser(
            principalOf(flags),
            {
              ...given({ concurrency, perSecond, restart, job: jobOf(act, flags) }),
              signal: stop.signal,
              onProgress: ({ users, failed }) =>
                bar.update(
                  users + failed,
                  `${amount(users, 'user')}, ${failed} set aside, ${amount(memories, 'memory')} ${DONE[act]}`,
                ),
            },
            async (scope) => {
              const done = await doTo(act, scope, flags);
              // Others have counted while it waited.
              memories += done;
            },
          );
        } finally {
          bar.stop();
        }
      });
      await output.result({ act, memories, ...result }, () => told(act, memories, result));
      return !result.complete ? EXIT.interrupted : result.failed > 0 ? EXIT.rejectedLines : EXIT.ok;
    } finally {
      takeBack();
    }
  });
};

function actOf(name: string | undefined, flags: EachUserFlags): Act {
  const act = ACTS.find((one) => one === name);
  if (act === undefined) throw badArgument('act', `one of ${ACTS.join(', ')}`);
  const selects = Object.keys(selectionOf(flags)).length > 0;
  if (act === 'classify' && selects) throw badArgument('act', 'classify takes no filter');
  if (act !== 'delete' && flags.all) throw badArgument('--all', 'only together with delete');
  if (act === 'delete' && selects === (flags.all === true)) throw badArgument('--all', 'give a filter or --all');
  if (flags.restart && flags.job === undefined) throw badArgument('--restart', 'only together with --job');
  return act;
}

async function doTo(act: Act, scope: ScopedMemory, flags: EachUserFlags): Promise<number> {
  if (act === 'count') return scope.count(selectionOf(flags));
  if (act === 'delete') return flags.all ? scope.deleteAll() : scope.deleteMany(selectionOf(flags));
  let raised = 0;
  for await (const _ of scope.classify()) raised += 1;
  return raised;
}

// Another act, or another filter, under the same name is another job.
function jobOf(act: Act, flags: EachUserFlags): string | undefined {
  if (flags.job === undefined) return undefined;
  const parts = [flags.job, act, Object.entries(selectionOf(flags)).sort(([a], [b]) => (a < b ? -1 : 1))];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

// For the bar alone: nobody looks, nobody counts.
async function usersThere(warden: Warden, flags: EachUserFlags, { stderr }: Io, json: boolean): Promise<number> {
  if (json || stderr.isTTY !== true) return 0;
  let total = 0;
  let cursor: string | undefined;
  do {
    const page = await warden.users(principalOf(flags), given({ limit: PAGE, cursor }));
    total += page.users.length;
    ({ cursor } = page);
  } while (cursor !== undefined);
  return total;
}

function told(act: Act, memories: number, result: ForEachUserResult): string {
  const { users, failed, failures, complete, finishedBefore } = result;
  if (finishedBefore)
    return `the job had finished: ${amount(users, 'user')}, ${failed} set aside; --restart begins it anew`;
  const lines = [
    `${amount(users, 'user')}; ${DONE[act]} ${amount(memories, 'memory')} in this run`,
    ...(failed > 0 ? [`${amount(failed, 'user')} set aside:`] : []),
    ...failures.map(({ userId, pseudonym, code }) => `  ${userId ?? pseudonym ?? 'a user with no key'}: ${code}`),
    ...(complete ? [] : ['interrupted; with --job the same command goes on']),
  ];
  return lines.join('\n');
}

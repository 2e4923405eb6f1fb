import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../config/options.js';
import type { SearchOptions } from '../../memory/searching.js';
import { createWarden } from '../../warden.js';
import type { Register } from '../command.js';
import { readConversation, type EvalConversation } from '../eval/conversation.js';
import { importInto, measure, Tally } from '../eval/measure.js';
import { badArgument } from '../failure.js';
import { embedderOption, given, once } from '../flags.js';
import { modeOption } from '../mode-flag.js';
import { embedderOf } from '../open.js';
import { progressBar } from '../progress.js';

interface EvalFlags {
  readonly mode?: NonNullable<SearchOptions['mode']>;
  readonly k?: string;
  readonly embedder?: string;
  readonly json?: boolean;
}

const ADMIN = { id: 'eval', role: 'admin' } as const;
const DEFAULT_KS = '5,10,20';
const LARGEST_K = 1_000;

/** `eval`: how well search answers the questions of conversations, each one user's memories in a throw-away store. */
export const evaluate: Register = (program) => {
  const command = program
    .command('eval <files...>', 'measure retrieval: recall, hits and latency on questions of your own')
    .addOption(modeOption())
    .addOption(once('--k <list>', 'how many results count, such as 5,10,20'))
    .addOption(embedderOption())
    .option('--json', 'machine output');
  program.act<EvalFlags>(command, async ({ io, output }, flags, ...rest) => {
    const { mode, k = DEFAULT_KS } = flags;
    const embedder = mode === 'lexical' ? undefined : embedderOf(flags, io.env);
    const files = rest.flat();
    const ks = toKs(k);
    // All of them before any is imported: a mistake in the last is told at once.
    const conversations: EvalConversation[] = [];
    for (const file of files) conversations.push(await readConversation(file));
    const total = conversations.reduce((sum, { questions }) => sum + questions.length, 0);
    const tally = new Tally(ks);
    const progress = progressBar(io.stderr, output.json, total);
    const folder = await mkdtemp(join(tmpdir(), 'memwarden-eval-'));
    try {
      const store = { kind: 'embedded', path: folder } as const;
      const warden = await createWarden({ store, policies: PACKAGED_POLICIES, ...given({ embedder }) });
      try {
        let asked = 0;
        const options = { limit: Math.max(...ks), ...given({ mode }) };
        const scopes = conversations.map((_, i) => warden.scope(ADMIN, `conversation-${i}`));
        const places: ReadonlyMap<string, number>[] = [];
        for (const [i, scope] of scopes.entries())
          places.push(await importInto(scope, conversations[i] as EvalConversation));
        // What a write did not wait for.
        if (embedder) await warden.embed();
        for (const [i, scope] of scopes.entries()) {
          const known = places[i] ?? new Map<string, number>();
          await measure(scope, conversations[i] as EvalConversation, known, options, tally, () => {
            asked += 1;
            progress.update(asked, `${asked} of ${total} questions`);
          });
        }
      } finally {
        await warden.close();
      }
    } finally {
      progress.stop();
      await rm(folder, { recursive: true, force: true });
    }
    const figures = tally.figures();
    await output.result(figures, () =>
      output.table(
        ['figure', 'value'],
        Object.entries(figures).map(([name, value]) => [name, String(value)]),
      ),
    );
    return undefined;
  });
};

function toKs(list: string): number[] {
  const ks = list.split(',').map(Number);
  if (!ks.every((k) => Number.isInteger(k) && k >= 1 && k <= LARGEST_K) || new Set(ks).size < ks.length)
    throw badArgument('--k', 'write whole numbers from 1 to 1000, such as 5,10,20');
  return ks.sort((a, b) => a - b);
}

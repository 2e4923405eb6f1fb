import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { integer, once, given, withScope, type ScopeFlags } from '../flags.js';
import { MEMORY_HEAD, memoryRow } from '../memories.js';
import { withMemory } from '../open.js';
import { selectionOf, withSelection, type SelectionFlags } from '../selection-flags.js';

interface ListFlags extends ScopeFlags, SelectionFlags {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

const LARGEST_PAGE = 1_000;

/** `list`: a page of memories, or with `--all` every page. */
export const list: Register = (program) => {
  const command = withSelection(withScope(program.command('list', 'list memories, newest first')))
    .addOption(integer('--limit <n>', 'length of the page, 1 to 1000 (50 where none is given)'))
    .addOption(once('--cursor <cursor>', 'continue after this place'))
    .option('--all', 'every page');
  program.act<ListFlags>(command, async ({ io, output }, flags) => {
    if (flags.all && (flags.limit ?? flags.cursor) !== undefined)
      throw badArgument('--all', 'not together with --limit or --cursor');
    await withMemory(flags, io, async (memory) => {
      const limit = flags.all ? LARGEST_PAGE : flags.limit;
      let { cursor } = flags;
      let shown = 0;
      do {
        const page = await memory.list({ ...selectionOf(flags), ...given({ limit, cursor }) });
        await output.list(page.memories, MEMORY_HEAD, memoryRow(output));
        shown += page.memories.length;
        ({ cursor } = page);
      } while (flags.all && cursor !== undefined);
      if (shown === 0) await output.people('no memories');
      if (cursor === undefined) return;
      if (output.json) await output.result({ cursor }, () => '');
      else await output.people(`more: --cursor ${cursor}`);
    });
    return undefined;
  });
};

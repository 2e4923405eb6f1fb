import type { RegisterIn } from '../../command.js';
import { given, integer, once } from '../../flags.js';
import { MEMORY_HEAD, memoryRow } from '../../memories.js';
import { memoryOptionsOf, textOf, withMemoryFlags, type MemoryFlags } from '../../memory-flags.js';
import { principalOf, withWarden } from '../../open.js';
import { onSpaces, type SpaceFlags } from './flags.js';

/** `space add`: a memory that belongs to no user. */
export const addShared: RegisterIn = (program, family) => {
  const command = withMemoryFlags(onSpaces(family.command('add <space> <text>'))).description(
    'add a memory to a space; - reads the text from stdin',
  );
  program.act<SpaceFlags & MemoryFlags>(command, async ({ io, output }, flags, space = '', text = '') => {
    const content = await textOf(text, io);
    const added = await withWarden(flags, io, (warden) =>
      warden.space(principalOf(flags), space).add(content, memoryOptionsOf(flags)),
    );
    await output.result(added, () => added.id);
    return undefined;
  });
};

interface PageFlags extends SpaceFlags {
  readonly limit?: number;
  readonly cursor?: string;
}

/** `space memories`: a page of what is in a space. */
export const memories: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('memories <space>'))
    .description('what the principal may read in a space, newest first')
    .addOption(integer('--limit <n>', 'length of the page, 1 to 1000 (50 where none is given)'))
    .addOption(once('--cursor <cursor>', 'continue after this place'));
  program.act<PageFlags>(command, async ({ io, output }, flags, space = '') => {
    const { limit, cursor } = flags;
    const page = await withWarden(flags, io, (warden) =>
      warden.space(principalOf(flags), space).list(given({ limit, cursor })),
    );
    await output.list(page.memories, MEMORY_HEAD, memoryRow(output));
    if (page.memories.length === 0) await output.people('no memories');
    if (page.cursor === undefined) return undefined;
    if (output.json) await output.result({ cursor: page.cursor }, () => '');
    else await output.people(`more: --cursor ${page.cursor}`);
    return undefined;
  });
};

/** `space search`: the memories of a space that answer a query best. */
export const searchShared: RegisterIn = (program, family) => {
  const command = onSpaces(family.command('search <space> <query>'))
    .description('find memories of a space, the best first')
    .addOption(integer('--limit <n>', 'how many, 1 to 1000 (10 where none is given)'));
  program.act<PageFlags>(command, async ({ io, output }, flags, space = '', query = '') => {
    const hits = await withWarden(flags, io, (warden) =>
      warden.space(principalOf(flags), space).search(query, given({ limit: flags.limit })),
    );
    const row = memoryRow(output);
    await output.list(hits, ['score', ...MEMORY_HEAD], ({ memory, score }) => [score.toFixed(3), ...row(memory)]);
    if (hits.length === 0) await output.people('no memories');
    return undefined;
  });
};

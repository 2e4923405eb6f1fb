import type { Register } from '../command.js';
import { withScope, type ScopeFlags } from '../flags.js';
import { withMemory } from '../open.js';
import { cut, visible } from '../visible.js';

/** `history`: the changes of a memory that the principal may see. */
export const history: Register = (program) => {
  const command = withScope(program.command('history <id>', 'show the changes of a memory'));
  program.act<ScopeFlags>(command, async ({ io, output }, flags, id = '') => {
    const entries = await withMemory(flags, io, (memory) => memory.history(id));
    await output.list(entries, ['n', 'event', 'at', 'level', 'content'], ({ n, event, at, before, after }) => {
      const shown = after ?? before;
      return [
        String(n),
        event,
        at.toISOString(),
        shown?.level ?? '-',
        cut(visible(shown?.content ?? '-'), output.room),
      ];
    });
    return undefined;
  });
};

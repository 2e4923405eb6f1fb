import type { Register } from '../command.js';
import { withScope, type ScopeFlags } from '../flags.js';
import { withMemory } from '../open.js';
import { selectionOf, withSelection, type SelectionFlags } from '../selection-flags.js';

/** `count`: how many memories there are that the principal may read. */
export const count: Register = (program) => {
  const command = withSelection(withScope(program.command('count', 'count memories')));
  program.act<ScopeFlags & SelectionFlags>(command, async ({ io, output }, flags) => {
    const found = await withMemory(flags, io, (memory) => memory.count(selectionOf(flags)));
    await output.result({ count: found }, () => String(found));
    return undefined;
  });
};

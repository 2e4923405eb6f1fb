import type { ScopedMemory } from '../../memory/scoped-memory.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { withScope, type ScopeFlags } from '../flags.js';
import { withMemory } from '../open.js';
import { selectionOf, withSelection, type SelectionFlags } from '../selection-flags.js';

interface DeleteFlags extends ScopeFlags, SelectionFlags {
  readonly all?: boolean;
}

/** `delete`: one memory, what a filter selects, or with `--all` everything that the principal may delete here. */
export const remove: Register = (program) => {
  const command = withSelection(withScope(program.command('delete [id]', 'delete a memory, or what flags select')));
  program.act<DeleteFlags>(
    command.option('--all', 'everything that the principal may read and delete here'),
    async ({ io, output }, flags, id) => {
      const deleted = await withMemory(flags, io, (memory) => deleteFrom(memory, flags, id));
      await output.result({ deleted }, () => `deleted ${deleted}`);
      return undefined;
    },
  );
};

async function deleteFrom(memory: ScopedMemory, flags: DeleteFlags, id: string | undefined): Promise<number> {
  const selection = selectionOf(flags);
  const filtered = Object.keys(selection).length > 0;
  if (flags.all && (filtered || id !== undefined)) throw badArgument('--all', 'not together with an id or a filter');
  if (filtered && id !== undefined) throw badArgument('id', 'not together with a filter');
  if (flags.all) return memory.deleteAll();
  if (id === undefined) return memory.deleteMany(selection);
  await memory.delete(id);
  return 1;
}

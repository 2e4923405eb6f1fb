import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Register } from '../command.js';
import { withScope, type ScopeFlags } from '../flags.js';
import { memoryText } from '../memories.js';
import { withMemory } from '../open.js';

/** `get`: one memory. */
export const get: Register = (program) => {
  const command = withScope(program.command('get <id>', 'show one memory'));
  program.act<ScopeFlags>(command, async ({ io, output }, flags, id = '') => {
    const memory = await withMemory(flags, io, (scoped) => scoped.get(id));
    if (!memory) throw new MemwardenError('not_found');
    await output.result(memory, () => memoryText(memory));
    return undefined;
  });
};

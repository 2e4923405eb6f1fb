import type { Register } from '../command.js';
import { withScope, type ScopeFlags } from '../flags.js';
import { memoryText } from '../memories.js';
import { memoryOptionsOf, textOf, withMemoryFlags, type MemoryFlags } from '../memory-flags.js';
import { withMemory } from '../open.js';

/** `add`: one memory. */
export const add: Register = (program) => {
  const command = program.command('add <text>', 'add a memory; - reads its text from stdin');
  program.act<ScopeFlags & MemoryFlags>(
    withMemoryFlags(withScope(command)),
    async ({ io, output }, flags, text = '') => {
      const content = await textOf(text, io);
      const memory = await withMemory(flags, io, (scoped) => scoped.add(content, memoryOptionsOf(flags)));
      await output.result(memory, () => memoryText(memory));
      return undefined;
    },
  );
};

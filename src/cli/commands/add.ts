import type { ScopedMemory } from '../../memory/scoped-memory.js';
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
      const act = (scoped: ScopedMemory) => scoped.add(content, memoryOptionsOf(flags));
      const memory = await withMemory(flags, io, act, { makes: true });
      await output.result(memory, () => memoryText(memory));
      return undefined;
    },
  );
};

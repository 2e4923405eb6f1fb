import type { MemoryChanges } from '../../memory/input.js';
import type { Register } from '../command.js';
import { badArgument } from '../failure.js';
import { given, integer, once, repeatable, withScope, type ScopeFlags } from '../flags.js';
import { memoryText } from '../memories.js';
import { memoryOptionsOf, textOf, withMemoryFlags, type MemoryFlags } from '../memory-flags.js';
import { withMemory } from '../open.js';

interface UpdateFlags extends ScopeFlags, MemoryFlags {
  readonly content?: string;
  readonly clear?: readonly string[];
  readonly ifVersion?: number;
}

const CLEARABLE: Readonly<Record<string, keyof MemoryChanges>> = {
  'agent-id': 'agentId',
  'app-id': 'appId',
  'session-id': 'sessionId',
  'expires-at': 'expiresAt',
  metadata: 'metadata',
  speaker: 'speaker',
};

/** `update`: changes one memory. */
export const update: Register = (program) => {
  const command = withMemoryFlags(withScope(program.command('update <id>', 'change a memory')))
    .addOption(once('--content <text>', 'its new text; - reads it from stdin'))
    .addOption(repeatable('--clear <field>', `take a field away: ${Object.keys(CLEARABLE).join(', ')}`))
    .addOption(integer('--if-version <n>', 'only if it is still at this version'));
  program.act<UpdateFlags>(command, async ({ io, output }, flags, id = '') => {
    const options = memoryOptionsOf(flags);
    const content = flags.content === undefined ? undefined : await textOf(flags.content, io);
    const changes: MemoryChanges = {
      ...cleared(flags.clear ?? [], options),
      ...options,
      ...given({ content, ifVersion: flags.ifVersion }),
    };
    const memory = await withMemory(flags, io, (scoped) => scoped.update(id, changes));
    await output.result(memory, () => memoryText(memory));
    return undefined;
  });
};

function cleared(names: readonly string[], options: object): MemoryChanges {
  const changes: Record<string, null> = {};
  for (const name of names) {
    const property = Object.hasOwn(CLEARABLE, name) ? CLEARABLE[name] : undefined;
    if (property === undefined) throw badArgument('--clear', `one of ${Object.keys(CLEARABLE).join(', ')}`);
    if (Object.hasOwn(options, property)) throw badArgument('--clear', 'the same field is given a value');
    changes[property] = null;
  }
  return changes;
}

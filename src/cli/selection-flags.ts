import type { Command } from 'commander';
import type { Level } from '../model/levels.js';
import type { Selection } from '../memory/selection.js';
import { given, once, repeatable } from './flags.js';

/** Every flag that selects memories. */
export interface SelectionFlags {
  readonly category?: string;
  readonly level?: readonly string[];
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly keyword?: string;
}

/** Adds the flags that select memories. */
export function withSelection(command: Command): Command {
  return command
    .addOption(once('--category <word>', 'of this category'))
    .addOption(repeatable('--level <level>', 'of this level; may be given several times'))
    .addOption(once('--agent-id <id>', 'from this agent'))
    .addOption(once('--app-id <id>', 'from this application'))
    .addOption(once('--session-id <id>', 'of this conversation'))
    .addOption(once('--from <time>', 'occurred at or after this moment (ISO 8601)'))
    .addOption(once('--to <time>', 'occurred before this moment'))
    .addOption(once('--keyword <text>', 'content holds this, whatever its case'));
}

/** The selection that flags make. The library checks it. */
export function selectionOf(flags: SelectionFlags): Selection {
  const { category, agentId, appId, sessionId, from, to, keyword } = flags;
  const level = flags.level as readonly Level[] | undefined;
  return given({ category, level, agentId, appId, sessionId, from, to, keyword });
}

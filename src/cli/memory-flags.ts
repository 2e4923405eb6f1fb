import type { Command } from 'commander';
import type { MemoryOptions } from '../memory/input.js';
import type { Level } from '../model/levels.js';
import { badArgument } from './failure.js';
import { durationOption, given, jsonOption, once } from './flags.js';
import { readAll, type Io } from './io.js';

/** Every flag that says something of a memory. */
export interface MemoryFlags {
  readonly level?: string;
  readonly category?: string;
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  readonly occurredAt?: string;
  readonly expiresAt?: string;
  readonly ttl?: number;
  readonly metadata?: unknown;
  readonly speaker?: string;
}

/** Adds the flags that say something of a memory. */
export function withMemoryFlags(command: Command): Command {
  return command
    .addOption(once('--level <level>', 'public, private or sensitive'))
    .addOption(once('--category <word>', 'category'))
    .addOption(once('--agent-id <id>', 'agent that it came from'))
    .addOption(once('--app-id <id>', 'application that it came from'))
    .addOption(once('--session-id <id>', 'conversation that it belongs to'))
    .addOption(once('--occurred-at <time>', 'when it happened (ISO 8601)'))
    .addOption(once('--expires-at <time>', 'unreadable from this moment on'))
    .addOption(durationOption('--ttl <duration>', 'unreadable after this time, such as 30d'))
    .addOption(jsonOption('--metadata <json>', 'a JSON object'))
    .addOption(once('--speaker <name>', 'who said it'));
}

/** What flags say of a memory. The library checks it. */
export function memoryOptionsOf(flags: MemoryFlags): MemoryOptions {
  const { category, agentId, appId, sessionId, occurredAt, expiresAt, ttl, speaker } = flags;
  const level = flags.level as Level | undefined;
  const metadata = flags.metadata as MemoryOptions['metadata'];
  return given({ level, category, agentId, appId, sessionId, occurredAt, expiresAt, ttl, metadata, speaker });
}

/** A text argument; `-` reads it from stdin, which keeps it out of the list of processes and the shell's history. */
export async function textOf(argument: string, io: Io): Promise<string> {
  if (argument !== '-') return argument;
  const bytes = await readAll(io.stdin);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw badArgument('stdin', 'not UTF-8');
  }
}

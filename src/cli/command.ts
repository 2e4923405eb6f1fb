import type { Command } from 'commander';
import type { Io } from './io.js';
import { Output } from './output.js';

/** What a command works with beside its flags. */
export interface CommandContext {
  readonly io: Io;
  readonly output: Output;
}

/** Adds one command (or a small family) to the program. */
export type Register = (program: Registry) => void;

/** Adds one command to a family of commands. */
export type RegisterIn = (program: Registry, family: Command) => void;

/** Where commands are added. */
export interface Registry {
  /** Makes a command, to which its file adds flags. */
  command(usage: string, description: string): Command;
  /** What the command does. Its result is the exit code, 0 where it gives none. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- commander's flags have no type; a command says which it added
  act<F extends { readonly json?: boolean }>(
    command: Command,
    act: (context: CommandContext, flags: F, ...rest: string[]) => Promise<number | undefined>,
  ): void;
}

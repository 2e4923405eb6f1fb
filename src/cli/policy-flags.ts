import { Option, type Command } from 'commander';
import { PACKAGED_POLICIES } from '../config/options.js';
import { MOMENT_HINT, toMoment } from '../model/moment.js';
import type { Registry } from './command.js';
import { badArgument } from './failure.js';
import { once } from './flags.js';

/** Every flag of a command on policies. */
export interface PolicyFlags {
  readonly policies?: string;
  readonly json?: boolean;
  readonly at?: Date;
}

/** Adds one command below `policy`. */
export type RegisterPolicy = (program: Registry, family: Command) => void;

/** A command below `policy`, with the flags that all of them have. */
export function policyCommand(family: Command, usage: string, description: string): Command {
  return family
    .command(usage)
    .description(description)
    .allowExcessArguments(false)
    .addOption(once('--policies <dir>', 'folder of the policy files'))
    .option('--json', 'machine output');
}

/** The folder that the flags name, or that of the package. */
export function policyFolderOf({ policies }: PolicyFlags): string {
  return policies ?? PACKAGED_POLICIES;
}

/** An option that holds a moment. */
export function momentOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw badArgument(option.long ?? flags, 'given twice');
    const moment = toMoment(value);
    if (!moment) throw badArgument(option.long ?? flags, MOMENT_HINT);
    return moment;
  });
}

/** An option that holds one of some words. */
export function wordOption(flags: string, description: string, words: readonly string[]): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: unknown) => {
    if (previous !== undefined) throw badArgument(option.long ?? flags, 'given twice');
    if (!words.includes(value)) throw badArgument(option.long ?? flags, `write one of ${words.join(', ')}`);
    return value;
  });
}

/** The form of the output: `--json` is short for `--format json`. */
export function formatOf<F extends string>(
  flags: { readonly json?: boolean; readonly format?: F },
  otherwise: F,
): F | 'json' {
  if (flags.json && flags.format !== undefined && flags.format !== 'json')
    throw badArgument('--format', 'not together with --json');
  return flags.json ? 'json' : (flags.format ?? otherwise);
}

import { types } from 'node:util';
import { CommanderError } from 'commander';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import { ERRORS } from '../errors/table.js';
import type { Io } from './io.js';
import { write } from './io.js';
import { remedyOf, withFlagNames } from './remedies.js';
import { jsonLine, visibleLines } from './visible.js';

/** An argument of the command line is wrong. `argument` is a name of ours, never what the user wrote. */
export function badArgument(argument: string, reason?: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument, ...(reason === undefined ? {} : { reason }) });
}

/**
 * Turns whatever a command threw into an error of the table.
 *
 * @param argv the command line, of which an unknown option is told by its place
 */
export function toError(error: unknown, argv: readonly string[] = []): MemwardenError {
  if (isMemwardenError(error)) return error;
  if (error instanceof CommanderError) return usageError(error, argv);
  if (isFileError(error)) return badArgument('file', error.code);
  return new MemwardenError('internal');
}

/** Whether the system refused something about a file; `code` is its name for that. */
export function isFileError(error: unknown): error is Error & { readonly code: string } {
  return types.isNativeError(error) && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** Why a file cannot be opened that is not there. */
export const NO_FILE = 'no such file';

/** Whether the system found nothing of that name. */
export function isAbsent({ code }: { readonly code: string }): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Tells of an error on stderr. @returns the exit code */
export async function report(
  thrown: MemwardenError,
  io: Io,
  json: boolean,
  argv: readonly string[] = [],
): Promise<number> {
  const error = json ? thrown : withFlagNames(thrown, argv);
  const text = json ? jsonLine(error) : visibleLines(`error: ${error.code}: ${error.message}\n  ${remedyOf(error)}`);
  await write(io.stderr, `${text}\n`);
  return ERRORS[error.code].exit;
}

/** Tells on stderr of what went wrong beside an act that was done. `code` is that of an error of the table. */
export async function warn(io: Io, json: boolean, warning: string, code: unknown): Promise<void> {
  const text = json ? jsonLine({ warning, code }) : visibleLines(`warning: ${warning} (${String(code)})`);
  await write(io.stderr, `${text}\n`);
}

const REASONS: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'unknown option',
  'commander.unknownCommand': 'unknown command',
  'commander.excessArguments': 'too many arguments',
  'commander.missingArgument': 'missing argument',
  'commander.missingMandatoryOptionValue': 'missing option',
  'commander.optionMissingArgument': 'option without a value',
  'commander.help': 'missing command',
};

// What the user wrote stands between quotes of commander's, which no choice of ours holds.
function unknownChoice(message: string): MemwardenError {
  const [, flag, argument] =
    /^error: option '(?:-\w, )?(--[a-z-]+)|is invalid for argument '([a-z-]+)'\. /.exec(message) ?? [];
  const [, choices] = /Allowed choices are ([\w, -]+)\.$/.exec(message) ?? [];
  return badArgument(flag ?? argument ?? 'command line', choices === undefined ? 'usage' : `one of ${choices}`);
}

// Commander quotes what the user wrote, which can be content. A name is kept only where it looks like one of ours.
function usageError({ code, message }: CommanderError, argv: readonly string[]): MemwardenError {
  if (code === 'commander.invalidArgument') return unknownChoice(message);
  const own =
    code === 'commander.missingMandatoryOptionValue' ||
    code === 'commander.optionMissingArgument' ||
    code === 'commander.missingArgument';
  const name = own ? (/--[a-z-]+/.exec(message) ?? /'([a-z]+)'/.exec(message)?.slice(1))?.[0] : undefined;
  const word = code === 'commander.unknownOption' ? argv.findIndex((one) => message.includes(`'${one}'`)) + 1 : 0;
  const place = word > 0 ? ` (word ${word} after memwarden)` : '';
  return badArgument(name ?? 'command line', `${REASONS[code] ?? 'usage'}${place}`);
}

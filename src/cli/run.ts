import { Command, CommanderError } from 'commander';
import { ERRORS } from '../errors/table.js';
import type { Register, Registry } from './command.js';
import { serve } from './commands/serve.js';
import { EXIT } from './exit-codes.js';
import { report, toError } from './failure.js';
import { write, type Io } from './io.js';
import { Output } from './output.js';
import { clearBars } from './progress.js';
import { version } from './version.js';

/**
 * Runs one command line.
 *
 * @param argv without the interpreter and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: number = EXIT.ok;
  const program = programFor(io, await registersFor(argv), (code) => (exit = code));
  if (argv.length === 0) {
    await write(io.stderr, program.helpInformation());
    return ERRORS.invalid_argument.exit;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    clearBars();
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    return report(toError(error, argv), io, wantsJson(argv), argv);
  }
}

// A server is waited for by whoever restarts it: what the other commands stand on is not loaded for it.
async function registersFor([first]: readonly string[]): Promise<readonly Register[]> {
  if (first === 'serve') return [serve];
  return (await import('./commands/index.js')).REGISTER;
}

function programFor(io: Io, registers: readonly Register[], done: (code: number) => void): Command {
  const program = new Command('memwarden')
    .description('Access-controlled memory for AI agents: every read passes a policy before anything returns.')
    .version(version(), '--version')
    .exitOverride()
    .showSuggestionAfterError(false)
    // Commander quotes what the user wrote; the error of the table is told instead.
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: () => undefined,
      outputError: () => undefined,
    });
  const registry: Registry = {
    command: (usage, description) => program.command(usage).description(description).allowExcessArguments(false),
    act(command, act) {
      command.action(async (...given: unknown[]) => {
        const rest = given.slice(0, -2) as string[];
        const flags = given.at(-2) as Parameters<typeof act>[1];
        const code = await act({ io, output: new Output(io.stdout, flags.json === true) }, flags, ...rest);
        done(code ?? EXIT.ok);
      });
    },
  };
  for (const register of registers) register(registry);
  return program;
}

// Asked of the raw words, because the error may be that they cannot be parsed.
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

import { MemwardenError } from '../errors/memwarden-error.js';
import type { ErrorCode } from '../errors/table.js';

const NO_FOLDER = 'the folder cannot be read';

/** What to do on a command line, where that is not what a program does. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  invalid_principal: 'Check --as, --on-behalf-of, --principal, --purpose and --attribute.',
  invalid_argument:
    'Correct what is named above; `memwarden --help` lists the commands, `memwarden COMMAND --help` the flags of one.',
  config_invalid:
    'Correct what is named above, in the flags, the environment variables (MEMWARDEN_..., MONGODB_URI) or the files of --config and --embedder.',
  empty_filter: 'Name an id, or flags that select; or --all if everything is meant.',
  embedder_missing: 'Name one with --embedder FILE or MEMWARDEN_EMBEDDER; --mode lexical searches without.',
  approval_required:
    'Have another principal run `memwarden export approve` with the id above, then repeat the command with that id in --approval.',
  unauthenticated:
    'Give a key that is neither expired nor revoked in MEMWARDEN_API_KEY or a file; `memwarden credentials create` makes one.',
  forbidden:
    'Use a role of --as that may do this. A role that no policy file names may do nothing; `memwarden policy matrix` shows the roles and what each may do.',
};

/** What to do about an error, in the words of the command line. */
export function remedyOf({ code, remedy, detail }: MemwardenError): string {
  if (code === 'forbidden' && detail['argument'] === '--on-behalf-of')
    return 'Name the user that the role acts for: --on-behalf-of USER; or use a role of --as that may do this for itself.';
  if (code === 'policy_invalid' && detail['argument'] === '--policies') return 'Check --policies; nothing was loaded.';
  if (code === 'forbidden' && detail['argument'] === 'credential')
    return 'Give one that does: `memwarden credentials create --role agent --user USER` makes a key that acts for that user.';
  if (code === 'store_unavailable' && detail['argument'] === '--data')
    return 'Check --data, or MEMWARDEN_DATA, or the folder that the command runs in.';
  return (REMEDIES[code] ?? remedy).replace(/`detail\.(\w+)`/g, 'the $1 above').replace('in `issues`', 'above');
}

/**
 * The same error, naming the flag where it names an option of the library.
 *
 * @param argv the command line: an option that it gives is the flag of that name
 */
export function withFlagNames(error: MemwardenError, argv: readonly string[]): MemwardenError {
  const { code, detail, issues } = error;
  const { argument } = detail;
  const [place] = issues;
  // Of a folder there is no line to tell.
  if (
    code === 'policy_invalid' &&
    place?.code === 'unreadable' &&
    place.message === NO_FOLDER &&
    isGiven(argv, '--policies')
  )
    return new MemwardenError(code, { argument: '--policies', reason: NO_FOLDER });
  if (code !== 'invalid_argument' || typeof argument !== 'string') return error;
  const [, given] = /^(?:memory\.|changes\.)?([a-zA-Z]+)$/.exec(argument) ?? [];
  const isFlag = given !== undefined && isGiven(argv, flagOf(given));
  const [, name] = isFlag ? [argument, given] : (/^(?:options|filter)\.([A-Za-z]+)/.exec(argument) ?? []);
  if (name === undefined) return error;
  // An option that several flags make.
  const flag = name === 'users' ? '--user' : flagOf(name);
  return new MemwardenError(code, { ...detail, argument: flag }, issues);
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isGiven(argv: readonly string[], flag: string): boolean {
  return argv.some((word) => word === flag || word.startsWith(`${flag}=`));
}

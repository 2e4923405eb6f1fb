import { Option } from 'commander';
import { importerOf } from '../../internals.js';
import { type Warden } from '../../warden.js';
import { toPrincipal } from '../../model/principal.js';
import type { Into } from '../../memory/import.js';
import { toOwner } from '../../model/owner.js';
import { toSpaceId } from '../../model/space.js';
import type { CommandContext, Register } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { badArgument, isAbsent, isFileError, NO_FILE } from '../failure.js';
import { once, withPrincipal, withStore, type PrincipalFlags, type StoreFlags } from '../flags.js';
import { importFrom, type Rejection } from '../import/import-file.js';
import { lock } from '../import/lock.js';
import {
  differenceOf,
  FORMATS,
  formatOf,
  freshState,
  openSource,
  openText,
  targetOf,
  type Format,
} from '../import/open-input.js';
import { Rejected, rejectedPath } from '../import/rejected.js';
import { readState, statePath, type ImportState } from '../import/state.js';
import { write } from '../io.js';
import { principalOf, wardenOptions, withWarden } from '../open.js';
import { progressBar } from '../progress.js';
import { jsonLine, visible } from '../visible.js';

interface ImportFlags extends StoreFlags, PrincipalFlags {
  readonly user?: string;
  readonly usersFromFile?: boolean;
  readonly space?: string;
  readonly format?: Format;
  readonly fresh?: boolean;
}

const REJECTIONS_SHOWN = 50;

/** `import`: the memories of a file, each good line once however often the command is run. */
export const importFile: Register = (program) => {
  const command = withStore(
    withPrincipal(
      program.command('import <file>', 'import memories from NDJSON, a chat transcript or an export of its own'),
    ),
  )
    .addOption(once('--user <id>', 'whose memories all of them are'))
    .option('--users-from-file', 'each line names its user_id')
    .addOption(once('--space <id>', 'the shared space that all of them are for'))
    .addOption(new Option('--format <format>', 'told from the name of the file where none is given').choices(FORMATS))
    .option('--fresh', 'start anew: import lines again that an earlier import of this file stored');
  program.act<ImportFlags>(command, async (context, flags, file = '') => {
    const into = intoOf(flags);
    const release = await lock(file).catch((error: unknown) => {
      if (!isFileError(error)) throw error;
      throw badArgument('file', isAbsent(error) ? NO_FILE : 'its folder cannot be written');
    });
    try {
      return await withWarden(flags, context.io, (warden) => importInto(context, warden, flags, file, into), {
        makes: true,
      });
    } finally {
      await release();
    }
  });
};

function intoOf({ user, usersFromFile, space }: ImportFlags): Into | undefined {
  if ([user !== undefined, usersFromFile === true, space !== undefined].filter(Boolean).length !== 1)
    throw badArgument('--user', 'give --user, --users-from-file or --space, one of them');
  if (space !== undefined) return { space: toSpaceId(space) };
  return user === undefined ? undefined : { user: toOwner(user) };
}

async function importInto(
  { io, output }: CommandContext,
  warden: Warden,
  flags: ImportFlags,
  file: string,
  into: Into | undefined,
): Promise<number> {
  const principal = toPrincipal(principalOf(flags));
  const importer = importerOf(warden, principal);
  if (into !== undefined) await importer.assertMayCreate(into);
  const format = flags.format ?? (await formatOf(file));
  const begun = await stateFor(
    file,
    await targetOf(wardenOptions(flags, io.env).store, principal, into, format, flags.tenant),
    flags.fresh === true,
  );
  const source = await openSource(file, format, begun);
  const rejected = new Rejected(file, () => openText(file, format), begun.rejectedBytes);
  const progress = progressBar(io.stderr, output.json, source.total);
  let interrupted = false;
  const forget = io.onInterrupt(() => (interrupted = true));
  let shown = 0;
  const onRejection = async (rejection: Rejection): Promise<void> => {
    shown += 1;
    if (output.json || shown <= REJECTIONS_SHOWN)
      await write(io.stderr, `${rejectionText(rejection, source.unit, output.json)}\n`);
  };
  try {
    await rejected.begin();
    const onWindow = ({ imported, rejected: bad }: ImportState): void =>
      progress.update(source.passed, `${imported} imported, ${bad} rejected`);
    const context = {
      input: file,
      importer,
      into,
      source,
      rejected,
      isInterrupted: () => interrupted,
      onRejection,
      onWindow,
    };
    const state = await importFrom(context, begun);
    // Where nothing was left to do nobody has told of anything.
    if (state.complete) progress.update(source.total, `${state.imported} imported, ${state.rejected} rejected`);
    progress.stop();
    if (!output.json && shown > REJECTIONS_SHOWN) await write(io.stderr, `and ${shown - REJECTIONS_SHOWN} more\n`);
    const { complete, changed } = state;
    const before = begun.imported;
    const result = {
      imported: state.imported - before,
      importedBefore: before,
      rejected: state.rejected,
      complete,
      ...(changed ? { changed } : {}),
      ...(state.rejectedBytes > 0 ? { rejectedFile: rejectedPath(file) } : {}),
    };
    await output.result(result, () => summary(state, before, file));
    if (!complete) return EXIT.interrupted;
    return state.rejected > 0 ? EXIT.rejectedLines : EXIT.ok;
  } finally {
    progress.stop();
    forget();
    await rejected.close();
    await source.close();
  }
}

async function stateFor(file: string, target: string, fresh: boolean): Promise<ImportState> {
  const found = fresh ? undefined : await readState(file);
  if (found?.target === target) return found;
  // Complete or not: with its state gone, the same command as before would store every line a second time.
  if (found)
    throw badArgument(
      'state file',
      `of an import of this file with another ${differenceOf(target, found.target)}; --fresh forgets that one and imports every line`,
    );
  return freshState(target);
}

function rejectionText(rejection: Rejection, unit: string, json: boolean): string {
  const { number, code, argument } = rejection;
  if (json) return jsonLine({ [unit]: number, code, ...(argument === undefined ? {} : { argument }) });
  return `${unit} ${number}: ${code}${argument === undefined ? '' : ` (${visible(argument)})`}`;
}

function summary(state: ImportState, before: number, file: string): string {
  const { imported, rejected, rejectedBytes, complete, changed = {} } = state;
  const anew = Object.entries(changed).map(([name, count]) => `${name} of ${count}`);
  const made = anew.length ? `, made anew: ${anew.join(', ')}` : '';
  const counts = `imported ${imported - before}${before > 0 ? ` (${before} before)` : ''}, rejected ${rejected}${made}`;
  if (!complete) return `${counts}; interrupted: the same command goes on (${visible(statePath(file))})`;
  return rejectedBytes > 0 ? `${counts}; set aside in ${visible(rejectedPath(file))}` : counts;
}

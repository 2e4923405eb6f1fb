import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { ExportFormat, ExportResult, Warden } from '../../../index.js';
import { notListed } from '../../../internals.js';
import { EXPORT_FORMATS } from '../../../model/export.js';
import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { badArgument, isFileError, warn } from '../../failure.js';
import { given, once, repeatable } from '../../flags.js';
import { lock } from '../../import/lock.js';
import { withWarden } from '../../open.js';
import { counter, progressBar, type Progress } from '../../progress.js';
import { selectionOf, withSelection, type SelectionFlags } from '../../selection-flags.js';
import { visible } from '../../visible.js';
import { ofWhomNothing, withheldIn } from '../../users-file.js';
import { pathsOf } from '../../../compliance/export/files.js';
import { exporterOf, withExporter, type ExporterFlags } from './flags.js';

interface RunFlags extends ExporterFlags, SelectionFlags {
  readonly user?: readonly string[];
  readonly space?: readonly string[];
  readonly allSpaces?: boolean;
  readonly usersFrom?: string;
  readonly allUsers?: boolean;
  readonly format?: ExportFormat;
  readonly gzip?: boolean;
  readonly out: string;
  readonly recipient?: string;
  readonly approval?: string;
  readonly fresh?: boolean;
}

const UNKNOWN_SHOWN = 20;

/** `export run`. */
export const runExport: RegisterIn = (program, family) => {
  const command = withSelection(
    withExporter(family.command('run').description('export what the role may read and export, into a file')),
  )
    .addOption(repeatable('--user <id>', 'whose memories; may be given several times'))
    .addOption(once('--users-from <file>', 'whose memories: an id a line'))
    .option('--all-users', 'those of every user')
    .addOption(repeatable('--space <id>', 'a shared space; may be given several times'))
    .option('--all-spaces', 'every shared space that the role reads')
    .addOption(once('--out <file>', 'where to; it must not be there yet').makeOptionMandatory())
    .addOption(
      new Option('--format <form>', 'ndjson where none is given; zip is for one person').choices(EXPORT_FORMATS),
    )
    .option('--gzip', 'compress it')
    .addOption(once('--recipient <name>', 'who gets it, for the audit log and the accounting of disclosures'))
    .addOption(once('--approval <id>', 'the request that another principal approved'))
    .option('--fresh', 'forget what an export that was cut off has left here');
  program.act<RunFlags>(command, async ({ io, output }, flags) => {
    const users = await usersOf(flags);
    const { format, gzip, out, recipient, approval, fresh } = flags;
    const spaces = spacesOf(flags);
    const release = await lock(resolve(out), 'export').catch((error: unknown) => {
      throw isFileError(error) ? badArgument('--out', 'its folder cannot be written') : error;
    });
    const stop = new AbortController();
    const forget = io.onInterrupt(() => stop.abort());
    const of = (users?.length ?? 0) + (spaces?.length ?? 0);
    const isOpen = users === 'all' || spaces === 'all';
    const bar: Progress | undefined = isOpen ? undefined : progressBar(io.stderr, output.json, of);
    const count = isOpen ? counter(io.stderr, output.json) : undefined;
    let unknown: readonly string[] = [];
    try {
      const result = await withWarden(flags, io, async (warden) => {
        const done = await warden.export(exporterOf(flags), {
          out,
          filter: selectionOf(flags),
          signal: stop.signal,
          onProgress: ({ users: done, spaces: shared = 0, memories }) => {
            const text = `${counted(done, shared)}, ${amount(memories, 'memory')}`;
            bar?.update(Math.min(done + shared, of), text);
            count?.say(text);
          },
          ...given({ users, spaces, format, gzip, recipient, approval, fresh }),
        });
        if (done.complete && users !== undefined && users !== 'all') unknown = await unknownIn(warden, flags);
        return done;
      });
      bar?.stop();
      count?.stop();
      const withheld = result.complete ? await withheldIn(pathsOf(out).users) : [];
      await output.result(result, () => [summary(result, out), ...withheld].join('\n'));
      if (unknown.length > 0) await warn(io, output.json, unknownText(unknown), 'not_found');
      return result.complete ? EXIT.ok : EXIT.interrupted;
    } finally {
      bar?.stop();
      count?.stop();
      forget();
      await release();
    }
  });
};

// A slip in a name is an export of nothing, signed. Who may not list users is not told who there is.
async function unknownIn(warden: Warden, flags: RunFlags): Promise<readonly string[]> {
  const empty = await ofWhomNothing(pathsOf(flags.out).users);
  if (empty.length === 0) return [];
  // The export is done, whatever becomes of the question.
  return notListed(warden, exporterOf(flags), empty).catch(() => []);
}

function unknownText(unknown: readonly string[]): string {
  const shown = unknown.slice(0, UNKNOWN_SHOWN).join(', ');
  const more = unknown.length > UNKNOWN_SHOWN ? ` and ${unknown.length - UNKNOWN_SHOWN} more` : '';
  return `nobody of this name is on record: ${shown}${more}; \`memwarden users\` lists who is`;
}

function spacesOf({ space, allSpaces }: RunFlags): readonly string[] | 'all' | undefined {
  if (!allSpaces) return space;
  if (space !== undefined) throw badArgument('--all-spaces', 'not together with --space');
  return 'all';
}

async function usersOf({
  user,
  usersFrom,
  allUsers,
  space,
  allSpaces,
}: RunFlags): Promise<readonly string[] | 'all' | undefined> {
  const ways = [user !== undefined || usersFrom !== undefined, allUsers === true].filter(Boolean);
  if (ways.length === 0 && (space !== undefined || allSpaces)) return undefined;
  if (ways.length !== 1)
    throw badArgument('--user', 'give --user or --users-from, --all-users, --space or --all-spaces');
  if (allUsers) return 'all';
  return [...(user ?? []), ...(usersFrom === undefined ? [] : await linesOf(usersFrom))];
}

async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw badArgument('--users-from', 'cannot be read');
  });
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function counted(users: number, spaces: number): string {
  const people = amount(users, 'user');
  return spaces === 0 ? people : `${people} and ${amount(spaces, 'part of a space', 'parts of spaces')}`;
}

function summary({ complete, users, spaces = 0, memories }: ExportResult, out: string): string {
  const counts = `${amount(memories, 'memory')} of ${counted(users, spaces)}`;
  if (!complete) return `${counts} so far; interrupted: the same command goes on`;
  return `exported ${counts} into ${visible(out)}; check it with \`memwarden export verify\` and ${visible(pathsOf(out).manifest)}`;
}

import { createHash } from 'node:crypto';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { WardenOptions } from '../../config/options.js';
import type { Principal } from '../../model/principal.js';
import { newId } from '../../model/id.js';
import { badArgument, isFileError } from '../failure.js';
import { changed } from './import-file.js';
import { isExport } from './line.js';
import { LineSource, MAX_LINE_BYTES } from './lines.js';
import type { Source } from './source.js';
import type { ImportState } from './state.js';
import { readTranscript } from './transcript.js';

export const FORMATS = ['ndjson', 'chat', 'export'] as const;
export type Format = (typeof FORMATS)[number];

/** Tells a transcript, lines and an export of our own apart: by the first line and the name. */
export async function formatOf(input: string): Promise<Format> {
  const extension = extname(input).toLowerCase();
  const handle = await openFile(input);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_LINE_BYTES), 0, MAX_LINE_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    if (isExport(text)) return 'export';
    if (extension === '.ndjson' || extension === '.jsonl') return 'ndjson';
    return extension === '.json' || text.trimStart().startsWith('[') ? 'chat' : 'ndjson';
  } finally {
    await handle.close();
  }
}

/** What an import is of, in the order in which its name has them. */
const TARGET_PARTS = ['store', 'principal (--as and what belongs to it)', '--user', '--format'] as const;

/** Names an import: the same command has the same name. Nothing can be read from it, but what of two names differs. */
export async function targetOf(
  store: NonNullable<WardenOptions['store']>,
  principal: Principal,
  owner: string | undefined,
  format: Format,
): Promise<string> {
  const place =
    store.kind === 'embedded' ? await realpath(store.path).catch(() => resolve(store.path)) : addressOf(store.uri);
  const attributes = Object.entries(principal.attributes ?? {}).sort();
  const parts = [[store.kind, place], { ...principal, attributes }, owner ?? null, format];
  return parts.map((part) => createHash('sha256').update(JSON.stringify(part)).digest('hex')).join('-');
}

/** The parts in which two imports differ, as a person would say them. */
export function differenceOf(one: string, other: string): string {
  const others = other.split('-');
  const differing = one.split('-').flatMap((part, i) => (part === others[i] ? [] : [TARGET_PARTS[i] ?? 'flags']));
  return differing.join(', ');
}

// Hosts and database; a password may change in between.
function addressOf(uri: string): string {
  const [, hosts, database = ''] = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)(?:\/([^?]*))?/.exec(uri) ?? [];
  return JSON.stringify([hosts, database]);
}

/** The state of an import that begins. */
export function freshState(target: string): ImportState {
  const start = { offset: 0, number: 0, digest: '' };
  return {
    version: 1,
    target,
    session: newId(),
    done: start,
    imported: 0,
    rejected: 0,
    rejectedBytes: 0,
    complete: false,
  };
}

/** Opens an input and goes to where its import stopped. */
export async function openSource(input: string, format: Format, state: ImportState): Promise<Source> {
  const handle = await openFile(input);
  const source =
    format === 'chat'
      ? await readTranscript(handle, state.session)
      : new LineSource(handle, (await handle.stat()).size, undefined, format === 'export');
  if (state.done.digest === '') return source;
  if ((await source.skipTo(state.done)) !== state.done.digest) {
    await source.close();
    throw changed();
  }
  return source;
}

/** Why an input cannot be opened that is not there. */
export const NO_FILE = 'no such file';

/** Whether the system found nothing of that name. */
export function isAbsent({ code }: { readonly code: string }): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function openFile(input: string): Promise<FileHandle> {
  const handle = await open(input, 'r').catch((error: unknown) => {
    throw badArgument('file', isFileError(error) && isAbsent(error) ? NO_FILE : 'cannot be read');
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw badArgument('file', 'not a regular file');
}

import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { addressOf } from '../../config/mongodb-uri.js';
import type { WardenOptions } from '../../config/options.js';
import type { Into } from '../../memory/import.js';
import type { Principal } from '../../model/principal.js';
import { newId } from '../../model/id.js';
import { bytesFrom, rest, type Bytes } from './bytes.js';
import { isExportedCsv, linesOfCsv } from './exported-csv.js';
import { changed } from './import-file.js';
import { isExport } from './line.js';
import { MAX_LINE_BYTES } from './line-limits.js';
import { LineSource } from './lines.js';
import type { Source } from './source.js';
import type { ImportState } from './state.js';
import { readTranscript } from './transcript.js';
import { openBytes } from './unpack.js';

export const FORMATS = ['ndjson', 'chat', 'export'] as const;
export type Format = (typeof FORMATS)[number];

/** Tells a transcript, lines and an export of our own apart: by the first line and the name. */
export async function formatOf(input: string): Promise<Format> {
  const extension = extname(input.replace(/\.gz$/i, '')).toLowerCase();
  const bytes = await openBytes(input);
  try {
    const text = (await head(bytes)).toString();
    if (isExport(text) || isExportedCsv(text)) return 'export';
    if (extension === '.ndjson' || extension === '.jsonl') return 'ndjson';
    return extension === '.json' || text.trimStart().startsWith('[') ? 'chat' : 'ndjson';
  } finally {
    await bytes.close();
  }
}

/**
 * What the items of a file stand in: it unpacked and, where it is an export in CSV, as lines.
 *
 * @throws MemwardenError invalid_argument
 */
export async function openText(input: string, format: Format): Promise<Bytes> {
  const bytes = await openBytes(input);
  if (format !== 'export') return bytes;
  try {
    const first = await head(bytes);
    const all = again(first, bytes);
    return isExportedCsv(first.toString()) ? linesOfCsv(all) : all;
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

function head(bytes: Bytes): Promise<Buffer> {
  return rest(bytes, MAX_LINE_BYTES - 1);
}

// With what was looked at before it.
function again(first: Buffer, bytes: Bytes): Bytes {
  const chunks = async function* () {
    yield first;
    for (let chunk = await bytes.read(CHUNK); chunk.length > 0; chunk = await bytes.read(CHUNK)) yield chunk;
  };
  const { total, packed } = bytes;
  return bytesFrom({ chunks: chunks(), total, packed, passed: () => bytes.passed, close: () => bytes.close() });
}

const CHUNK = 1 << 20;

/** What an import is of, in the order in which its name has them. */
const TARGET_PARTS = [
  'store (and --tenant)',
  'principal (--as and what belongs to it)',
  '--user or --space',
  '--format',
] as const;

/** Names an import: the same command has the same name. Nothing can be read from it, but what of two names differs. */
export async function targetOf(
  store: NonNullable<WardenOptions['store']>,
  principal: Principal,
  into: Into | undefined,
  format: Format,
  tenant: string | undefined,
): Promise<string> {
  // A password may change in between.
  const place =
    store.kind === 'embedded' ? await realpath(store.path).catch(() => resolve(store.path)) : addressOf(store.uri);
  const attributes = Object.entries(principal.attributes ?? {}).sort();
  const within = tenant === undefined ? [] : [tenant];
  const parts = [[store.kind, place, ...within], { ...principal, attributes }, placeOf(into), format];
  return parts.map((part) => createHash('sha256').update(JSON.stringify(part)).digest('hex')).join('-');
}

function placeOf(into: Into | undefined): unknown {
  if (into === undefined) return null;
  return 'user' in into ? into.user : into;
}

/** The parts in which two imports differ, as a person would say them. */
export function differenceOf(one: string, other: string): string {
  const others = other.split('-');
  const differing = one.split('-').flatMap((part, i) => (part === others[i] ? [] : [TARGET_PARTS[i] ?? 'flags']));
  return differing.join(', ');
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
  const text = await openText(input, format);
  const source =
    format === 'chat'
      ? await readTranscript(text, state.session)
      : new LineSource(text, undefined, format === 'export');
  if (state.done.digest === '') return source;
  if ((await source.skipTo(state.done)) !== state.done.digest) {
    await source.close();
    throw changed();
  }
  return source;
}

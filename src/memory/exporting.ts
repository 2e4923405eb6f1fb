import { resolve } from 'node:path';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { CompiledFilter } from '../guard/filter.js';
import { EXPORT_FORMATS, type ExportFormat, type ExportOrder, type ExportProgress } from '../model/export.js';
import { toOwner } from '../model/owner.js';
import { toSpaceId } from '../model/space.js';
import { compareText } from '../model/text.js';
import { checked, isList, words } from './checked.js';
import { toFilter, type Selection } from './selection.js';

/** What to export, and where to. */
export interface ExportOptions {
  /**
   * Whose memories: their ids, or `all` users that the principal may list. With users who are named comes what they wrote
   * in spaces, as far as the principal acts for the user, or may grant.
   */
  readonly users?: readonly string[] | 'all';
  /** Shared spaces: their ids, or `all` that the principal reads; users, spaces or both are to be named. */
  readonly spaces?: readonly string[] | 'all';
  /** Which of them; everything that the principal may read and export where none is given. */
  readonly filter?: Selection;
  /** `ndjson` where none is given; `zip` is for one person: a page for the browser, and JSON. */
  readonly format?: ExportFormat;
  /** Whether the file is compressed (RFC 1952); a ZIP always is. */
  readonly gzip?: boolean;
  /** The file to write; it must not be there yet. `FILE.manifest.json` and `FILE.users.ndjson` come beside it. */
  readonly out: string;
  /** Who gets it, where that is not the principal: it stands in the audit log and in the accounting of disclosures. */
  readonly recipient?: string;
  /** The id of a request that another principal has approved. */
  readonly approval?: string;
  /** Forgets what an export that was cut off has left here. */
  readonly fresh?: boolean;
  readonly onProgress?: (progress: ExportProgress) => void;
  /** Ends it between two users; the same call goes on. */
  readonly signal?: AbortSignal;
}

const MAX_USERS = 1_000_000;
const MAX_SPACES = 1_000;
const schema = z.strictObject({
  users: z.unknown().optional(),
  spaces: z.unknown().optional(),
  filter: z.unknown().optional(),
  format: z.enum(EXPORT_FORMATS).optional(),
  gzip: z.boolean().optional(),
  out: z.string().min(1).max(4_096),
  recipient: words.optional(),
  approval: z.uuid().optional(),
  fresh: z.boolean().optional(),
});

/** Checks the options of an export. @throws MemwardenError invalid_argument, invalid_owner */
export function toExport(options: ExportOptions): ExportOrder<CompiledFilter> {
  const { onProgress, signal, ...data } = { ...options };
  if (onProgress !== undefined && typeof onProgress !== 'function') throw bad('onProgress');
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw bad('signal');
  const given = checked(schema, data, 'options');
  const spaces = spacesOf(given.spaces);
  const users = usersOf(given.users, spaces);
  const { format = 'ndjson', gzip = false } = given;
  if (format === 'zip' && gzip) throw bad('options.gzip', 'a zip is compressed already');
  if (format === 'zip' && (users === 'all' || users.length !== 1 || spaces.length > 0))
    throw bad('options.users', 'a zip is of one person, and of no space');
  return {
    users,
    spaces,
    filter: toFilter(given.filter),
    selection: JSON.parse(JSON.stringify(given.filter ?? {})) as Record<string, unknown>,
    format,
    gzip,
    out: resolve(given.out),
    fresh: given.fresh ?? false,
    ...(given.recipient === undefined ? {} : { recipient: given.recipient }),
    ...(given.approval === undefined ? {} : { approval: given.approval }),
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  };
}

function spacesOf(spaces: unknown): readonly string[] | 'all' {
  if (spaces === undefined || spaces === 'all') return spaces ?? [];
  return named(spaces, 'options.spaces', MAX_SPACES, toSpaceId);
}

function usersOf(users: unknown, spaces: readonly string[] | 'all'): readonly string[] | 'all' {
  if (users === 'all') return users;
  if (users === undefined && spaces.length > 0) return [];
  return named(users, 'options.users', MAX_USERS, toOwner);
}

// By their bytes and each once: the order in which all users are listed.
function named(ids: unknown, argument: string, most: number, checkedId: (id: unknown) => string): readonly string[] {
  if (!isList(ids) || ids.length === 0 || ids.length > most) throw bad(argument);
  return [...new Set(Array.from(ids, checkedId))].sort(compareText);
}

function bad(argument: string, reason?: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument, ...(reason === undefined ? {} : { reason }) });
}

import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { recordName, type Draft, type Importer, type Into } from '../../memory/import.js';
import { newId } from '../../model/id.js';
import { MAX_BATCH } from '../../memory/limits.js';
import { isId } from '../../model/text.js';
import type { Rejected } from './rejected.js';
import type { Entry, Item, Source, Window } from './source.js';
import { writeState, type ImportState } from './state.js';

/** Users whose memories are stored at the same time. */
const USERS_AT_ONCE = 16;

/** Why a line was set aside; without a word of it. */
export interface Rejection {
  readonly number: number;
  readonly code: string;
  readonly argument?: string;
}

/** What an import works with. */
export interface ImportContext {
  readonly input: string;
  readonly importer: Importer;
  /** Where all lines go, or undefined where each line names its user. */
  readonly into: Into | undefined;
  readonly source: Source;
  readonly rejected: Rejected;
  isInterrupted(): boolean;
  onRejection(rejection: Rejection): Promise<void>;
  onWindow(state: ImportState): void;
}

/** Good items of one user, or of the one space that all are for. */
type Batches = ReadonlyMap<string, { readonly item: Item; readonly draft: Draft }[]>;

/**
 * Imports what a source holds after a state, window by window: the ids of a window are on disk before it is stored, so
 * that a second attempt, after whatever end, meets its own memories instead of making them again.
 *
 * @returns the state at the end, or where it was interrupted
 */
export async function importFrom(context: ImportContext, begun: ImportState): Promise<ImportState> {
  let state = begun;
  let window = await firstWindow(context.source, begun);
  while (window) {
    const pending = state.pending ?? { end: window.end, at: new Date().toISOString(), ids: window.items.map(newId) };
    if (pending.ids.length !== window.items.length) throw changed();
    state = { ...state, pending, complete: false };
    await writeState(context.input, state);
    const next = context.source.next();
    // Awaited below; until then a failure of the store comes first.
    next.catch(() => undefined);
    state = await importWindow(context, window, state);
    context.onWindow(state);
    if (context.isInterrupted()) {
      await writeState(context.input, state);
      return state;
    }
    window = await next;
  }
  state = { ...state, complete: true };
  await writeState(context.input, state);
  return state;
}

async function firstWindow(source: Source, { pending }: ImportState): Promise<Window | undefined> {
  const window = await source.next(pending?.end.offset);
  if (pending && window?.end.digest !== pending.end.digest) throw changed();
  return window;
}

/** The error of a state file that belongs to other content. */
export function changed(): MemwardenError {
  return new MemwardenError('invalid_argument', {
    argument: 'file',
    reason: 'changed since its import began; with --fresh it is imported anew',
  });
}

async function importWindow(context: ImportContext, window: Window, state: ImportState): Promise<ImportState> {
  const { pending } = state;
  if (!pending) throw new MemwardenError('internal');
  const rejections = new Map<Item, Rejection>();
  const batches = readItems(context, window.items, pending, rejections);
  const users = [...batches.keys()].values();
  const storing = Array.from({ length: USERS_AT_ONCE }, async () => {
    for (const user of users) {
      const into = context.into ?? { user };
      await storeBatches(context.importer, into, batches.get(user) ?? [], rejections);
    }
  });
  // All of them end before an error is told: the state says what is under way.
  const outcomes = await Promise.allSettled(storing);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const bad = window.items.filter((item) => rejections.has(item));
  await context.rejected.add(bad);
  for (const item of bad) await context.onRejection(rejections.get(item) as Rejection);
  const { pending: _, ...rest } = state;
  const good = window.items.filter((item) => !rejections.has(item));
  return {
    ...rest,
    ...changedBy(good, state),
    done: window.end,
    imported: state.imported + window.items.length - bad.length,
    rejected: state.rejected + bad.length,
    rejectedBytes: context.rejected.length,
  };
}

function changedBy(items: readonly Item[], { changed }: ImportState): Pick<ImportState, 'changed'> {
  const counts = new Map(Object.entries(changed ?? {}));
  for (const { changes = [] } of items) for (const name of changes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts.size === 0 ? {} : { changed: Object.fromEntries(counts) };
}

function readItems(
  { into }: ImportContext,
  items: readonly Item[],
  { at, ids }: NonNullable<ImportState['pending']>,
  rejections: Map<Item, Rejection>,
): Batches {
  const now = new Date(at);
  const batches = new Map<string, { item: Item; draft: Draft }[]>();
  items.forEach((item, i) => {
    try {
      const entry = item.read(now, ids[i] as string);
      const name = nameIn(entry, into);
      const one = { item, draft: entry.draft };
      const batch = batches.get(name);
      if (batch) batch.push(one);
      else batches.set(name, [one]);
    } catch (error) {
      rejections.set(item, toRejection(item, error));
    }
  });
  return batches;
}

// A line says whose it is, or the command does; a line that contradicts the command is a bad line. What is of a user comes
// into no space by this way, nor the other way round.
function nameIn({ userId, space }: Entry, into: Into | undefined): string {
  if (into && 'space' in into) {
    if (userId !== undefined) throw new MemwardenError('invalid_owner', { argument: 'user_id' });
    if (space !== undefined && space !== into.space) throw ofSpace('a memory of another space');
    return into.space;
  }
  if (space !== undefined) throw ofSpace('a memory of a shared space; --space imports it there');
  if (into === undefined ? !isId(userId) : userId !== undefined && userId !== into.user)
    throw new MemwardenError('invalid_owner', { argument: 'user_id' });
  return into?.user ?? String(userId);
}

function ofSpace(reason: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument: 'space', reason });
}

// One batch of a user, or of a space, after the other, so that the times of creation follow the order of the lines.
async function storeBatches(
  importer: Importer,
  into: Into,
  batch: readonly { readonly item: Item; readonly draft: Draft }[],
  rejections: Map<Item, Rejection>,
): Promise<void> {
  for (let i = 0; i < batch.length; i += MAX_BATCH) {
    const part = batch.slice(i, i + MAX_BATCH);
    const refused = new Set(
      await importer.store(
        into,
        part.map(({ draft }) => draft),
      ),
    );
    if (refused.size === 0) continue;
    for (const { item, draft } of part) {
      if (refused.has(draft)) rejections.set(item, { number: item.number, code: 'forbidden' });
    }
  }
}

function toRejection({ number }: Item, error: unknown): Rejection {
  if (!isMemwardenError(error)) throw error;
  const { code, detail } = error;
  const { argument, reason } = detail;
  const place = typeof reason === 'string' ? reason : typeof argument === 'string' ? recordName(argument) : undefined;
  return { number, code, ...(place === undefined ? {} : { argument: place }) };
}

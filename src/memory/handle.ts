import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import type { Explanation } from '../guard/explain.js';
import type { Guard } from '../guard/guard.js';
import type { Hit } from '../guard/search.js';
import type { Raise } from '../guard/sweep.js';
import type { Draft } from '../guard/changes.js';
import type { Page } from '../guard/read.js';
import { isPair, type ActionOf } from '../model/actions.js';
import type { Clock } from '../model/clock.js';
import type { Candidate } from '../model/evaluate.js';
import type { HistoryEntry } from '../model/memory.js';
import { checked, isInert, isList, isPlain } from './checked.js';
import {
  batchDrafts,
  chatDrafts,
  textDraft,
  toChanges,
  toDraft,
  type ChatMessage,
  type MemoryChanges,
  type MemoryOptions,
  type NewMemory,
} from './input.js';
import { toMemoryContext, type MemoryContext } from './context.js';
import { MAX_PAGE } from './limits.js';
import { toContext, toSearch, type ContextOptions, type SearchOptions } from './searching.js';
import { toDeletingFilter, toFilter, toListing, type ListOptions, type Selection } from './selection.js';

const classifyOptions = z.strictObject({ dryRun: z.boolean().optional() });
const deleteOptions = z.strictObject({ ifVersion: z.int().positive().optional() });

/** What may be explained: the id of a memory, or a record as policies name its fields. */
export type Explainable = string | { readonly record: Candidate };

/**
 * The memories of one user, or of one shared space, as one principal may see and change them. It has no method that
 * reaches another partition. Every method may throw `forbidden`, `policy_unavailable`, `closed` and the `store_*` errors,
 * beside those that it names.
 */
export abstract class MemoryHandle<M extends object> {
  readonly #guard: Guard;
  readonly #access: Access;
  readonly #clock: Clock;

  protected constructor(guard: Guard, access: Access, clock: Clock) {
    this.#guard = guard;
    this.#access = access;
    this.#clock = clock;
  }

  /**
   * Adds a text, a memory, or the messages of a chat (one memory a message, in order, one session; all of them or
   * none).
   *
   * @returns what was added; a memory above what the principal may read answers with id, owner and level alone
   * @throws MemwardenError invalid_argument, content_too_large, metadata_too_large, batch_too_large
   */
  add(text: string, options?: MemoryOptions): Promise<M>;
  add(memory: NewMemory): Promise<M>;
  add(messages: readonly ChatMessage[], options?: MemoryOptions): Promise<M[]>;
  async add(input: unknown, options?: unknown): Promise<M | M[]> {
    const now = this.#clock();
    if (isList(input)) return this.#create(chatDrafts(input, options, now));
    if (typeof input !== 'string' && options !== undefined)
      throw new MemwardenError('invalid_argument', { argument: 'options' });
    const draft = typeof input === 'string' ? textDraft(input, options, now) : toDraft(input, now);
    const [memory] = await this.#create([draft]);
    if (!memory) throw new MemwardenError('internal');
    return memory;
  }

  /**
   * Adds up to 1,000 memories: all of them or none.
   *
   * @throws MemwardenError invalid_argument, content_too_large, metadata_too_large, batch_too_large
   */
  async addMany(memories: readonly NewMemory[]): Promise<M[]> {
    return this.#create(batchDrafts(memories, this.#clock()));
  }

  /** One memory, or null where there is none that the principal may read. */
  async get(id: string): Promise<M | null> {
    return (await this.#guard.get(this.#access, toId(id))) as M | null;
  }

  /**
   * A page, newest first: by `occurredAt`, then by id.
   *
   * @throws MemwardenError invalid_argument, invalid_cursor
   */
  async list(options?: ListOptions): Promise<Page<M>> {
    const { filter, limit, cursor } = toListing(options);
    return (await this.#guard.list(this.#access, filter, limit, cursor)) as Page<M>;
  }

  /** All of them, newest first, page by page as they are asked for. */
  async *getAll(selection?: Selection): AsyncGenerator<M, void, undefined> {
    const filter = toFilter(selection);
    let cursor: string | undefined;
    do {
      const page: Page<M> = (await this.#guard.list(this.#access, filter, MAX_PAGE, cursor)) as Page<M>;
      yield* page.memories;
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  /** How many there are that the principal may read. */
  async count(selection?: Selection): Promise<number> {
    return this.#guard.count(this.#access, toFilter(selection));
  }

  /**
   * The memories that answer a query best. Scores are absolute, from 0 to 1, and depend on nothing that the principal
   * may not read.
   *
   * @throws MemwardenError invalid_argument; embedder_missing where the mode asks for meaning and none is configured
   */
  async search(query: string, options?: SearchOptions): Promise<Hit<M>[]> {
    const { hits } = await this.#guard.search(this.#access, toSearch(query, options));
    return [...hits] as Hit<M>[];
  }

  /**
   * The memories for a prompt: what a search finds with what was said beside it, else the newest, oldest first, as
   * text that marks them as data.
   *
   * @throws MemwardenError invalid_argument, embedder_missing
   */
  async context(query: string, options?: ContextOptions): Promise<MemoryContext<M>> {
    const { search, budgetTokens } = toContext(query, options);
    const found = await this.#guard.search(this.#access, search);
    return toMemoryContext(found, budgetTokens) as MemoryContext<M>;
  }

  /**
   * Changes a memory.
   *
   * @returns it as it is now, or id, owner and level alone where it rose above what the principal may read
   * @throws MemwardenError not_found, conflict, invalid_argument, content_too_large, metadata_too_large
   */
  async update(id: string, changes: MemoryChanges): Promise<M> {
    const { changes: wanted, ifVersion } = toChanges(changes, this.#clock());
    return (await this.#guard.update(this.#access, toId(id), wanted, ifVersion)) as M;
  }

  /**
   * Deletes a memory.
   *
   * @param options `ifVersion`: delete it only if it is still at this version
   * @throws MemwardenError not_found, conflict, invalid_argument
   */
  async delete(id: string, options?: { readonly ifVersion?: number }): Promise<void> {
    const { ifVersion } = checked(deleteOptions, options === undefined ? {} : options, 'options');
    await this.#guard.remove(this.#access, toId(id), ifVersion);
  }

  /**
   * Deletes what a filter selects, of what the principal may read and delete.
   *
   * @returns how many
   * @throws MemwardenError empty_filter where the filter says nothing; conflict where others keep changing them
   */
  async deleteMany(selection: Selection): Promise<number> {
    return this.#guard.removeMany(this.#access, toDeletingFilter(selection));
  }

  /**
   * Deletes everything that the principal may read and delete here. It takes no argument, so that a filter that was
   * meant for `deleteMany` is an error.
   *
   * @returns how many
   */
  async deleteAll(...none: readonly never[]): Promise<number> {
    if (none.length > 0) throw new MemwardenError('invalid_argument', { argument: 'deleteAll takes none' });
    return this.#guard.removeMany(this.#access, toFilter({}));
  }

  /**
   * The changes of a memory that the principal may see, oldest first; of a deleted one without its content.
   *
   * @throws MemwardenError not_found
   */
  async history(id: string): Promise<HistoryEntry<M>[]> {
    return (await this.#guard.history(this.#access, toId(id))) as HistoryEntry<M>[];
  }

  /**
   * Why an action on a memory is allowed or denied: which rule decided, and why the others did not.
   *
   * @param action `read` where none is given
   * @throws MemwardenError not_found for every id that the principal may not read or explain
   */
  async explain(what: Explainable, action: ActionOf<'Memory'> = 'read'): Promise<Explanation> {
    if (!isPair(this.#access.subject, action)) throw new MemwardenError('invalid_argument', { argument: 'action' });
    if (typeof what === 'string') return this.#guard.explainStored(this.#access, toId(what), action);
    return this.#guard.explainRecord(this.#access, toCandidate(what), action);
  }

  /**
   * Classifies anew what is stored: what was stored before a classifier was there, or before its rules were. It raises
   * levels, never lowers one, and passes over what somebody lowered again. It goes over what the principal may read
   * and update; like every raise of a classifier it asks for no right to create at the new level.
   *
   * @param options with `dryRun` nothing is changed
   * @returns each raise, once it is stored: ids and levels, no content
   * @throws MemwardenError forbidden; classifier_failed; conflict where others keep changing them
   */
  async *classify(options?: { readonly dryRun?: boolean }): AsyncGenerator<Raise, void, undefined> {
    const { dryRun = false } = checked(classifyOptions, options === undefined ? {} : options, 'options');
    yield* this.#guard.classify(this.#access, dryRun);
  }

  // What is released of a partition's memories is of its kind: with an owner, or with a space.
  async #create(drafts: readonly Draft[]): Promise<M[]> {
    return (await this.#guard.create(this.#access, drafts, true)) as M[];
  }
}

/** @throws MemwardenError invalid_argument */
export function toId(id: unknown): string {
  if (typeof id !== 'string' || id === '' || !id.isWellFormed())
    throw new MemwardenError('invalid_argument', { argument: 'id' });
  return id;
}

// A copy of what stands there, so that the record that is decided on is the one that was handed in.
function toCandidate(what: unknown): Candidate {
  if (!isPlain(what) || Object.keys(what).join() !== 'record' || !isPlain(what['record']) || !isInert(what['record'])) {
    throw new MemwardenError('invalid_argument', { argument: 'record' });
  }
  return { ...what['record'] };
}

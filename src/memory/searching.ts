import { z } from 'zod';
import type { Search } from '../guard/search.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isText } from '../model/text.js';
import { checked, isPlain, moment, name, words } from './checked.js';
import { compileSelection, selection, type Selection } from './selection.js';
import { MAX_PAGE, MAX_QUERY } from './limits.js';

/** What to select of what a search finds; all that is given must hold. */
export interface SearchFilter extends Selection {
  /** These memories, 1 to 1000. */
  readonly id?: string | readonly string[];
  /** Expires at or after this moment; what never expires is not selected. */
  readonly expiresFrom?: Date | string;
  /** Expires before this moment; what never expires is not selected. */
  readonly expiresTo?: Date | string;
  /** The speaker, as the name is written. */
  readonly speaker?: string;
  /** Keys of the metadata with the values that they must have. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
}

/** How to search. */
export interface SearchOptions {
  /** 1 to 1000; 10 where none is given. */
  readonly limit?: number;
  readonly filter?: SearchFilter;
  /** Leaves out what scores less, from 0 to 1; it does not concern what `fill` adds. */
  readonly minScore?: number;
  /** By words, by meaning, or both; both where there is an embedder, else by words. */
  readonly mode?: 'lexical' | 'semantic' | 'hybrid';
  /** Whether the newest memories follow, with score 0, where hits do not fill the limit; `none` where not given. */
  readonly fill?: 'none' | 'recent';
  /** Whether each hit says how its score came about. */
  readonly explain?: boolean;
}

/** What memories a prompt is to hold. */
export interface ContextOptions {
  /** About how many tokens the text may take, 64 to 1,000,000; 1,000 where none is given. */
  readonly budgetTokens?: number;
  readonly filter?: SearchFilter;
  readonly mode?: 'lexical' | 'semantic' | 'hybrid';
}

const DEFAULT_LIMIT = 10;
const DEFAULT_BUDGET = 1_000;
const MAX_KEYS = 16;

const scalar = z.union([z.custom<string>(isText), z.number(), z.boolean(), z.null()]);
// A key of metadata is a name like any other; one with a dollar is taken for an operator that was meant to be one.
const key = z.custom<string>((value) => isText(value) && value !== '' && !value.startsWith('$'));
const metadata = z
  .custom<Record<string, unknown>>((value) => isPlain(value) && isSmall(Object.keys(value).length))
  .pipe(z.record(key, scalar));
const filter = z.strictObject({
  ...selection,
  id: z.union([name, z.array(name).min(1).max(MAX_PAGE)]).optional(),
  expiresFrom: moment.optional(),
  expiresTo: moment.optional(),
  speaker: words.optional(),
  metadata: metadata.optional(),
});
const mode = z.enum(['lexical', 'semantic', 'hybrid']).optional();
const searchSchema = z.strictObject({
  limit: z.int().min(1).max(MAX_PAGE).optional(),
  filter: filter.optional(),
  minScore: z.number().min(0).max(1).optional(),
  mode,
  fill: z.enum(['none', 'recent']).optional(),
  explain: z.boolean().optional(),
});
const contextSchema = z.strictObject({
  budgetTokens: z.int().min(64).max(1_000_000).optional(),
  filter: filter.optional(),
  mode,
});

function isSmall(keys: number): boolean {
  return keys > 0 && keys <= MAX_KEYS;
}

/** Checks a search. */
export function toSearch(query: unknown, options: unknown): Search {
  const text = toQuery(query);
  const given = checked(searchSchema, withCheckedFilter(options), 'options');
  return {
    text,
    limit: given.limit ?? DEFAULT_LIMIT,
    filter: compileSelection(given.filter ?? {}),
    minScore: given.minScore ?? 0,
    mode: given.mode,
    fill: given.fill === 'recent',
    explain: given.explain ?? false,
  };
}

/** Checks what a context is asked for. */
export function toContext(query: unknown, options: unknown): { search: Search; budgetTokens: number } {
  const text = toQuery(query);
  const given = checked(contextSchema, withCheckedFilter(options), 'options');
  const compiled = compileSelection(given.filter ?? {});
  const search = { text, filter: compiled, minScore: 0, mode: given.mode, fill: true, explain: false };
  return { search: { ...search, limit: 50, neighbours: true }, budgetTokens: given.budgetTokens ?? DEFAULT_BUDGET };
}

// What stands inside is checked as strictly as what stands outside: no getters, no proxies.
function withCheckedFilter(options: unknown): unknown {
  if (options === undefined) return {};
  if (isPlain(options) && isPlain(options['filter'])) checked(filter, options['filter'], 'filter');
  else if (isPlain(options) && options['filter'] !== undefined)
    throw new MemwardenError('invalid_argument', { argument: 'filter' });
  return options;
}

function toQuery(query: unknown): string {
  if (typeof query !== 'string' || !query.isWellFormed() || query === '' || query.length > MAX_QUERY)
    throw new MemwardenError('invalid_argument', { argument: 'query' });
  return query;
}

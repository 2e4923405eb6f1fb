import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { compileFilter, type CompiledFilter } from '../guard/filter.js';
import { definedIn } from '../model/bare.js';
import type { Level } from '../model/levels.js';
import { checked, level, moment, name, part } from './checked.js';
import { DEFAULT_PAGE, MAX_PAGE } from './limits.js';

/** What to select; all that is given must hold. */
export interface Selection {
  readonly category?: string;
  readonly level?: Level | readonly Level[];
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  /** Occurred at or after this moment. */
  readonly from?: Date | string;
  /** Occurred before this moment. */
  readonly to?: Date | string;
  /** A substring of the content, whatever its case; at most 256 characters. */
  readonly keyword?: string;
}

/** What to select, and which page of it. */
export interface ListOptions extends Selection {
  /** 1 to 1000; 50 where none is given. A page of more than 100 ends before it where it holds 8 MiB of text. */
  readonly limit?: number;
  /** The cursor of the page before. */
  readonly cursor?: string;
}

const paging = {
  limit: z.int().min(1).max(MAX_PAGE).optional(),
  cursor: z.string().min(1).optional(),
};
/** The parts of a selection. */
export const selection = {
  category: name.optional(),
  level: z.union([level, z.array(level).min(1).max(16)]).optional(),
  agentId: name.optional(),
  appId: name.optional(),
  sessionId: name.optional(),
  from: moment.optional(),
  to: moment.optional(),
  keyword: part.optional(),
};
const selectionSchema = z.strictObject(selection);
const listSchema = z.strictObject({ ...selection, ...paging });
const pageSchema = z.strictObject(paging);

/** A checked page of users or memories. */
export interface CheckedPage {
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** Checks a selection. */
export function toFilter(value: unknown): CompiledFilter {
  return compileSelection(checked(selectionSchema, value === undefined ? {} : value, 'filter'));
}

/**
 * Checks a selection that deletes: it must say something.
 *
 * @throws MemwardenError empty_filter
 */
export function toDeletingFilter(value: unknown): CompiledFilter {
  if (value === undefined || value === null) throw new MemwardenError('empty_filter');
  const filter = checked(selectionSchema, value, 'filter');
  if (Object.values(filter).every((part) => part === undefined)) throw new MemwardenError('empty_filter');
  return compileSelection(filter);
}

/** Checks list options. */
export function toListing(value: unknown): CheckedPage & { readonly filter: CompiledFilter } {
  const { limit, cursor, ...filter } = checked(listSchema, value === undefined ? {} : value, 'options');
  return { filter: compileSelection(filter), limit: limit ?? DEFAULT_PAGE, cursor };
}

/** Which page, and how long. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Checks the options of a page. */
export function toPage(value: unknown): CheckedPage {
  const { limit, cursor } = checked(pageSchema, value === undefined ? {} : value, 'options');
  return { limit: limit ?? DEFAULT_PAGE, cursor };
}

/** Compiles a checked selection; what is undefined says nothing. */
export function compileSelection(filter: object): CompiledFilter {
  return compileFilter(definedIn(filter));
}

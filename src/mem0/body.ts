import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { checked, isPlain } from '../memory/checked.js';
import { MAX_BATCH, MAX_PAGE } from '../memory/limits.js';
import { bare } from '../model/bare.js';
import { isLevel, type Level } from '../model/levels.js';
import { isText } from '../model/text.js';
import { endOf, timeOf } from './times.js';

/** What a request may hold beside what a route reads. */
export interface Extras {
  /** Means something only where it is said, and nothing of it can be done: `not_supported`. */
  readonly refused?: readonly string[];
  /** Asks for what is so anyway, or for what changes no answer. */
  readonly taken?: readonly string[];
  /** In which null says something. */
  readonly nullable?: readonly string[];
}

const TAKEN = ['org_id', 'project_id', 'output_format', 'version', 'api_version', 'source'];

/**
 * Checks the query string of a request against a strict schema: what it does not know is an error.
 *
 * @throws MemwardenError not_supported, invalid_argument that names the place, never the value
 */
export function readQuery<T extends z.ZodType<object>>(
  schema: T,
  { query: given }: FastifyRequest,
  extras: Extras = {},
): z.output<T> {
  // What parses query strings makes objects of a kind of its own.
  return read(schema, { ...(given as object) }, extras, 'query');
}

/**
 * Checks the body of a request against a strict schema: what it does not know is an error.
 *
 * @throws MemwardenError not_supported, invalid_argument that names the place, never the value
 */
export function read<T extends z.ZodType<object>>(
  schema: T,
  given: unknown,
  { refused = [], taken = [], nullable = [] }: Extras = {},
  argument = 'body',
): z.output<T> {
  if (!isPlain(given)) throw new MemwardenError('invalid_argument', { argument });
  const rest = bare();
  for (const [key, value] of Object.entries(given)) {
    // mem0's clients of some versions send what is not said as null.
    if (value === null && !nullable.includes(key)) continue;
    if (refused.includes(key)) {
      if (value === false || value === 'false') continue;
      throw new MemwardenError('not_supported', { argument: key });
    }
    if (taken.includes(key) || (TAKEN.includes(key) && isWord(key, value))) continue;
    rest[key] = value;
  }
  return checked(schema, rest, argument);
}

// The version that older clients send is that of the interface, not of a memory.
function isWord(key: string, value: unknown): boolean {
  return typeof value === 'string' && (key !== 'version' || /^v\d(?:\.\d)?$/.test(value));
}

/** The ids of mem0's entities; whose they may be is told by `ownerOf`. */
export const entities = {
  user_id: z.string().optional(),
  agent_id: z.string().optional(),
  app_id: z.string().optional(),
  run_id: z.string().optional(),
};
/** Which names of an answer are wanted. */
export const fields = z.array(z.string().min(1).max(64)).max(64).optional();
/** How many a search finds. */
export const topK = z.int().min(1).max(MAX_PAGE).optional();
/** A number of the query string. */
export const digits = (max: number) =>
  z
    .union([z.int(), z.string().regex(/^\d{1,9}$/)])
    .transform(Number)
    .pipe(z.int().min(1).max(max))
    .optional();
/** Which page, and how long it is. */
export const paging = { page: digits(100_000_000), page_size: digits(MAX_PAGE) };
/** A time, as `timeOf` reads it. */
export const time = z
  .custom<number | string>((value) => timeOf(value) !== undefined)
  .transform((value) => timeOf(value));
/** The day on which a memory expires; it is there to its end. A time with an offset is taken as it is. */
export const lastDay = z
  .custom<string>((value) => typeof value === 'string' && (endOf(value) ?? timeOf(value)) !== undefined)
  .transform((value) => endOf(value) ?? timeOf(value));
/** Metadata; what stands in it is checked by the library. */
export const metadata = z.custom<Record<string, never>>(isPlain).optional();
/** A filter; what stands in it is checked by `toCheckedFilter`. */
export const filters = z.custom<Record<string, unknown>>(isPlain);
/** Categories, of which a memory has one. */
export const categories = z
  .array(z.custom<string>((value) => isText(value) && value !== ''))
  .min(1)
  .max(MAX_BATCH)
  .optional();

/**
 * The level that metadata ask for. The key stays in them; what is shown there is the level as it is.
 *
 * @throws MemwardenError invalid_argument
 */
export function levelOf(given: Readonly<Record<string, unknown>> | undefined): { readonly level?: Level } {
  if (!given || !Object.hasOwn(given, 'sensitivity')) return {};
  const level = given['sensitivity'];
  if (!isLevel(level)) {
    const allowed = 'one of public, private, sensitive';
    throw new MemwardenError('invalid_argument', { argument: 'metadata.sensitivity', allowed });
  }
  return { level };
}

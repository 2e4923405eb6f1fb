import { types } from 'node:util';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { allowedBy, OURS } from '../model/allowed.js';
import { bareCopy, definedIn, isPlainOrBare } from '../model/bare.js';
import { LEVELS } from '../model/levels.js';
import { MOMENT_HINT, toMoment } from '../model/moment.js';
import { isId, isText } from '../model/text.js';
import { MAX_BATCH_VALUES, MAX_CONTENT_BYTES, MAX_METADATA_BYTES, MAX_PART, MAX_WORDS } from './limits.js';

// Python's isoformat and databases write microseconds, which a Date cannot hold.
const BELOW_MILLISECONDS = /(\.\d{3})\d{1,6}(?=Z$|[+-]\d{2}:\d{2}$)/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const MILLISECONDS = `${OURS}a whole number of milliseconds, 1 or more`;

/** A level. */
export const level = z.enum(LEVELS);
/** A word that names something: a category, an agent, an app, a session. */
export const name = z.custom<string>(isId);
/** A text of limited length that is not empty. */
export const words = z.custom<string>((value) => isText(value) && value !== '' && value.length <= MAX_WORDS);
/** A part of a text that is looked for as it stands. */
export const part = z.custom<string>((value) => isText(value) && value !== '' && value.length <= MAX_PART);
/** A moment: a Date, or an ISO 8601 text with an offset (a date alone means its midnight UTC). */
export const moment = z
  .custom<Date | string>((value) => toDate(value) !== undefined, `${OURS}${MOMENT_HINT}`)
  .transform((value) => toDate(value) as Date);
/** Milliseconds. */
export const duration = z.int(MILLISECONDS).positive(MILLISECONDS).max(Number.MAX_SAFE_INTEGER);

/** The text of a memory. Its length has an error of its own, so that it is checked apart. */
export const content = z.custom<string>((value) => isText(value) && value !== '');

function toDate(value: unknown): Date | undefined {
  if (typeof value === 'string')
    return toMoment(DAY.test(value) ? `${value}T00:00:00Z` : value.replace(BELOW_MILLISECONDS, '$1'));
  // A copy, so that the caller's object cannot change what was checked.
  const date = isDate(value) ? new Date(value.getTime()) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function isDate(value: unknown): value is Date {
  return (
    types.isDate(value) &&
    Object.getPrototypeOf(value) === Date.prototype &&
    Object.getOwnPropertyNames(value).length === 0
  );
}

/**
 * Checks a value and returns a copy that holds nothing else, own or inherited.
 *
 * @throws MemwardenError invalid_argument that names the place, never the value
 */
export function checked<T extends z.ZodType<object>>(schema: T, value: unknown, argument: string): z.output<T> {
  try {
    return parsed(schema, ownData(value, argument), argument);
  } catch (error) {
    // A getter may throw what it likes.
    throw error instanceof MemwardenError ? error : new MemwardenError('invalid_argument', { argument });
  }
}

/**
 * `checked` of a bare object that was made here of JSON.
 *
 * @throws MemwardenError invalid_argument that names the place, never the value
 */
export function parsed<T extends z.ZodType<object>>(schema: T, data: object, argument: string): z.output<T> {
  const result = schema.safeParse(data);
  if (result.success) return definedIn(result.data) as z.output<T>;
  const issue = result.error.issues[0];
  const path = [argument, ...(issue?.path ?? [])].map(String).join('.');
  const unknown = issue?.code === 'unrecognized_keys' ? { unknown_keys: issue.keys.length } : {};
  const allowed = issue && allowedBy(issue);
  const told = allowed === undefined ? {} : { allowed };
  throw new MemwardenError('invalid_argument', { argument: path.slice(0, 200), ...unknown, ...told });
}

// Only plain objects with plain data properties: no getters or proxies that answer twice differently, no inherited keys.
function ownData(value: unknown, argument: string): object {
  if (!isPlain(value)) throw new MemwardenError('invalid_argument', { argument });
  for (const list of Object.values(value)) {
    if (types.isProxy(list) || (Array.isArray(list) && !isPlainList(list)))
      throw new MemwardenError('invalid_argument', { argument });
  }
  return bareCopy(value);
}

/** Whether a value is a plain object that holds nothing but data under text keys. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || types.isProxy(value) || Array.isArray(value)) return false;
  if (!isPlainOrBare(value)) return false;
  const keys = Reflect.ownKeys(value);
  return Object.keys(value).length === keys.length && holdsData(value, keys);
}

/** Whether a value is a list; a proxy is none, and is not asked. */
export function isList(value: unknown): value is readonly unknown[] {
  return !types.isProxy(value) && Array.isArray(value);
}

/** Whether a value is a plain list of data without holes. */
export function isPlainList(value: readonly unknown[]): boolean {
  if (types.isProxy(value) || Object.getPrototypeOf(value) !== Array.prototype) return false;
  // Its indexes and its length, nothing else, and no holes.
  const keys = Reflect.ownKeys(value);
  return keys.length === value.length + 1 && Object.keys(value).length === value.length && holdsData(value, keys);
}

function holdsData(value: object, keys: readonly PropertyKey[]): boolean {
  for (const key of keys) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (typeof key !== 'string' || key === '__proto__' || !property || !Object.hasOwn(property, 'value')) return false;
  }
  return true;
}

/** @throws MemwardenError content_too_large */
export function checkContentSize(text: string): void {
  if (Buffer.byteLength(text) > MAX_CONTENT_BYTES) throw new MemwardenError('content_too_large');
}

/**
 * Checks metadata: a JSON object of plain data, well-formed throughout.
 *
 * @param memories how many memories have it in common, so that little that is sent becomes much that is stored
 * @returns a copy
 * @throws MemwardenError metadata_too_large; batch_too_large; invalid_argument
 */
export function checkMetadata(value: unknown, argument: string, memories = 1): { readonly [key: string]: never } {
  const left = { values: MAX_METADATA_BYTES };
  if (sizeOf(value) > left.values) throw new MemwardenError('metadata_too_large');
  if (!isPlain(value) || !isJson(value, 0, left)) throw new MemwardenError('invalid_argument', { argument });
  if ((MAX_METADATA_BYTES - left.values) * memories > MAX_BATCH_VALUES)
    throw new MemwardenError('batch_too_large', { limit: MAX_BATCH_VALUES, of: 'values of metadata' });
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES) throw new MemwardenError('metadata_too_large');
  return JSON.parse(text) as { readonly [key: string]: never };
}

const MAX_DEPTH = 32;

// What holds one object twice can grow without end when it is written out, so the values that were seen are counted.
function isJson(value: unknown, depth: number, left: { values: number }): boolean {
  left.values -= 1;
  if (left.values < 0) throw new MemwardenError('metadata_too_large');
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  // Before each of them is looked at.
  if (sizeOf(value) > left.values) throw new MemwardenError('metadata_too_large');
  if (isList(value)) return isPlainList(value) && value.every((item) => isJson(item, depth + 1, left));
  return (
    isPlain(value) &&
    Object.keys(value).every((key) => key.isWellFormed() && key !== 'toJSON' && isJson(value[key], depth + 1, left))
  );
}

// How many values an object or a list has; a proxy is not asked.
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return 0;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a value can stand in a record that is handed in: wrong in any way that data can be, but data. */
export function isInert(value: unknown, depth = 0, left = { values: 10_000 }): boolean {
  left.values -= 1;
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  if (depth > MAX_DEPTH || sizeOf(value) > left.values) return false;
  const areInert = (items: readonly unknown[]) => items.every((item) => isInert(item, depth + 1, left));
  if (isList(value)) return isPlainList(value) && areInert(value);
  return isDate(value) || (isPlain(value) && areInert(Object.values(value)));
}

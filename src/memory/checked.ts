import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { LEVELS } from '../model/levels.js';
import { isId, isText } from '../model/text.js';
import { MAX_CONTENT_BYTES, MAX_METADATA_BYTES, MAX_WORDS } from './limits.js';

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A level. */
export const level = z.enum(LEVELS);
/** A word that names something: a category, an agent, an app, a session. */
export const name = z.custom<string>(isId);
/** A text of limited length that is not empty. */
export const words = z.custom<string>((value) => isText(value) && value !== '' && value.length <= MAX_WORDS);
/** A moment: a Date, or an ISO 8601 text with an offset (a date alone means its midnight UTC). */
export const moment = z
  .custom<Date | string>((value) => toMoment(value) !== undefined)
  .transform((value) => toMoment(value) as Date);
/** Milliseconds. */
export const duration = z.int().positive().max(Number.MAX_SAFE_INTEGER);

/** The text of a memory. Its length has an error of its own, so that it is checked apart. */
export const content = z.custom<string>((value) => isText(value) && value !== '');

function toMoment(value: unknown): Date | undefined {
  // A copy, so that the caller's object cannot change what was checked.
  const date = isDate(value) ? new Date(value.getTime()) : typeof value === 'string' && ISO.test(value) ? new Date(value) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

function isDate(value: unknown): value is Date {
  return value instanceof Date && Object.getPrototypeOf(value) === Date.prototype && Object.getOwnPropertyNames(value).length === 0;
}

/**
 * Checks a value and returns a copy that holds nothing else.
 *
 * @throws MemwardenError invalid_argument that names the place, never the value
 */
export function checked<T extends z.ZodType>(schema: T, value: unknown, argument: string): z.output<T> {
  let result: z.ZodSafeParseResult<z.output<T>>;
  try {
    refuseExotic(value, argument);
    result = schema.safeParse(value);
  } catch (error) {
    throw error instanceof MemwardenError ? error : new MemwardenError('invalid_argument', { argument });
  }
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = [argument, ...(issue?.path ?? [])].map(String).join('.');
  const unknown = issue?.code === 'unrecognized_keys' ? { unknown_keys: issue.keys.length } : {};
  throw new MemwardenError('invalid_argument', { argument: path.slice(0, 200), ...unknown });
}

// Only plain objects with plain data properties: no getters that answer twice differently, no inherited keys.
function refuseExotic(value: unknown, argument: string): void {
  if (typeof value !== 'object' || value === null || isDate(value) || Array.isArray(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  const properties = Object.getOwnPropertyDescriptors(value);
  const keys = Reflect.ownKeys(properties);
  const data = keys.every((key) => typeof key === 'string' && key !== '__proto__' && 'value' in (properties[key] ?? {}));
  if (!plain || !data) throw new MemwardenError('invalid_argument', { argument });
}

/** @throws MemwardenError content_too_large */
export function checkContentSize(text: string): void {
  if (Buffer.byteLength(text) > MAX_CONTENT_BYTES) throw new MemwardenError('content_too_large');
}

/**
 * Checks metadata: a JSON object of plain data, well-formed throughout.
 *
 * @returns a copy
 * @throws MemwardenError metadata_too_large; invalid_argument
 */
export function checkMetadata(value: unknown, argument: string): { readonly [key: string]: never } {
  const fault = new MemwardenError('invalid_argument', { argument });
  let text: string;
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !isJson(value, 0)) throw fault;
    text = JSON.stringify(value);
  } catch {
    throw fault;
  }
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES) throw new MemwardenError('metadata_too_large');
  return JSON.parse(text) as { readonly [key: string]: never };
}

const MAX_DEPTH = 32;

function isJson(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Reflect.ownKeys(value).every((key) => {
    if (typeof key !== 'string' || key === '__proto__' || !key.isWellFormed()) return false;
    const property = Object.getOwnPropertyDescriptor(value, key);
    return property !== undefined && 'value' in property && key !== 'toJSON' && isJson(property.value, depth + 1);
  });
}

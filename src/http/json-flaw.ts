import { MemwardenError } from '../errors/memwarden-error.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/** The most keys of one object: more than metadata of the largest size can hold. */
export const MAX_KEYS = 4_096;
/** The most items of one array: as many as the longest list that any operation takes. */
export const MAX_ITEMS = 10_000;
/** The most values of one body, whether keys have them or arrays: what checks them takes its time for each. */
const MAX_VALUES = 100_000;
/** So many bytes of what a body may have are for each value. */
const BYTES_A_VALUE = 16;

/** How many values a body may have that may have so many bytes. */
export function valuesIn(bodyBytes: number): number {
  return Math.min(MAX_VALUES, Math.floor(bodyBytes / BYTES_A_VALUE));
}

/**
 * What is wrong with JSON text that a parser would not say: nested too deep, more than can be checked in a moment, or a
 * key twice in one object, of which parsers take the last, and whoever checked before us may have taken the first. Text
 * that is no JSON is for the parser.
 * (One pass without recursion. `JSON.parse` has no way to ask for it, the parser of `yaml` knows but is much too slow for
 * a door, and `jsonc-parser` recurses as deep as a body says.)
 */
export function jsonFlaw(text: string, maxDepth: number, maxValues: number): MemwardenError | undefined {
  const open: Open[] = [];
  let isKeyNext = false;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        const keys = open.at(-1)?.keys;
        if (isKeyNext && keys) {
          const key = keyOf(text.slice(at, end + 1));
          if (keys.has(key)) return new MemwardenError('request_malformed', { reason: 'a key twice' });
          keys.add(key);
          if (keys.size > MAX_KEYS) return tooMany(MAX_KEYS, 'keys of one object');
          isKeyNext = false;
        }
        at = end;
        break;
      }
      case OBJECT:
      case ARRAY: {
        const isObject = text.charCodeAt(at) === OBJECT;
        open.push({ keys: isObject ? new Set() : undefined, commas: 0 });
        if (open.length > maxDepth)
          return new MemwardenError('request_malformed', { reason: `nested deeper than ${maxDepth}` });
        values += 1;
        isKeyNext = isObject;
        break;
      }
      case OBJECT_END:
      case ARRAY_END:
        open.pop();
        isKeyNext = false;
        break;
      case COMMA: {
        const around = open.at(-1);
        isKeyNext = around?.keys !== undefined;
        values += 1;
        if (!around) break;
        around.commas += 1;
        if (!isKeyNext && around.commas >= MAX_ITEMS) return tooMany(MAX_ITEMS, 'items of one array');
        break;
      }
    }
    if (values > maxValues) return tooMany(maxValues, 'values');
  }
  return undefined;
}

interface Open {
  /** Undefined for an array. */
  readonly keys: Set<string> | undefined;
  commas: number;
}

function tooMany(limit: number, of: string): MemwardenError {
  return new MemwardenError('body_too_large', { limit, of });
}

// The place of the closing quote, or the end of a text that has none.
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

// `"a"` and `"\u0061"` are one key.
function keyOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
}

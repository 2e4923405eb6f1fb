import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { bare } from '../../model/bare.js';
import type { PlacedSetting } from './setting.js';

/** Settings as one source gives them, by their names. */
export type Tree = Record<string, unknown>;

// What other commands and the tests read, and what Kubernetes sets in every pod beside a service of this name.
const OTHERS = /^MEMWARDEN_(?:(?:TEST|REQUIRE)_|API_KEY(?:_FILE)?$|SERVICE_(?:HOST|PORT)|PORT(?:_\d|$))/;
const EMBEDDED = 'MEMWARDEN_DATA';

/** The settings of a YAML file. @throws MemwardenError config_invalid */
export function fromFile(path: string): Tree {
  const value = parsed(textOf(path, 'config'), 'config');
  if (value === null || value === undefined) return bare();
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid('config', 'not a mapping of settings');
  return value as Tree;
}

/**
 * The settings of environment variables; a variable of ours that no setting has is refused.
 *
 * @throws MemwardenError config_invalid
 */
export function fromEnvironment(environment: NodeJS.ProcessEnv, settings: readonly PlacedSetting[]): Tree {
  const tree = bare();
  const known = new Set([EMBEDDED]);
  const get = (name: string) => valueOf(environment, name, known);
  for (const { path, variable, schema } of settings) {
    const text = get(variable);
    if (text !== undefined) put(tree, path, valueFor(path, text, schema));
    else if (path === 'store') {
      const data = get(EMBEDDED);
      if (data !== undefined) put(tree, path, { kind: 'embedded', path: data });
    }
  }
  for (const name of Object.keys(environment))
    if (name.startsWith('MEMWARDEN_') && !known.has(name) && !OTHERS.test(name))
      throw invalid('environment', /^[A-Z0-9_]{1,80}$/.test(name) ? `unknown variable ${name}` : 'unknown variable');
  return tree;
}

// Empty is not given, as it is for the other commands.
function valueOf(environment: NodeJS.ProcessEnv, name: string, known: Set<string>): string | undefined {
  const file = `${name}_FILE`;
  known.add(name).add(file);
  const value = environment[name] || undefined;
  const path = environment[file] || undefined;
  if (value !== undefined && path !== undefined) throw invalid(file, `not together with ${name}`);
  return path === undefined ? value : secretIn(path, file);
}

/** The value of a setting that is given as text. @throws MemwardenError config_invalid */
export function valueFor(path: string, text: string, schema: z.ZodType): unknown {
  if (path === 'store' || path === 'keys.store') return placeOf(text);
  if (path === 'embedder') return parsed(textOf(text, path), path);
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return text;
  return parsed(text, path);
}

function placeOf(place: string): Tree {
  return /^mongodb(\+srv)?:/.test(place) ? { kind: 'mongodb', uri: place } : { kind: 'embedded', path: place };
}

/** Puts a value where its path says. */
export function put(tree: Tree, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at = tree;
  for (const key of keys) at = (at[key] ??= bare()) as Tree;
  at[last] = value;
}

/** One source over another: mappings are joined, except for those that are one setting. */
export function over(upper: Tree, lower: Tree, whole: ReadonlySet<string>, path = ''): Tree {
  const joined = bare();
  for (const [key, value] of [...Object.entries(lower), ...Object.entries(upper)]) {
    const here = path === '' ? key : `${path}.${key}`;
    const below = joined[key];
    joined[key] = isTree(value) && isTree(below) && !whole.has(here) ? over(value, below, whole, here) : value;
  }
  return joined;
}

/** Puts what files hold in the place of `{ file: PATH }`, wherever that stands. @throws MemwardenError config_invalid */
export function withFiles(value: unknown, path = ''): unknown {
  if (Array.isArray(value)) return value.map((one: unknown, i) => withFiles(one, `${path}.${i}`));
  if (!isTree(value)) return value;
  const keys = Object.keys(value);
  const { file } = value;
  if (keys.length === 1 && typeof file === 'string') return secretIn(file, path);
  const copy = bare();
  for (const key of keys) copy[key] = withFiles(value[key], path === '' ? key : `${path}.${key}`);
  return copy;
}

/** Text of YAML, of which JSON is a part; nothing of it is quoted. @throws MemwardenError config_invalid */
export function parsed(text: string, argument: string): unknown {
  try {
    return parse(text, { uniqueKeys: true, maxAliasCount: 0 }) as unknown;
  } catch (error) {
    const [at] = error instanceof YAMLParseError ? (error.linePos ?? []) : [];
    throw invalid(argument, at ? `not YAML at ${at.line}:${at.col}: ${flawOf(error as YAMLParseError)}` : 'not YAML');
  }
}

const FLAWS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'indented otherwise than what is around it',
  BLOCK_AS_IMPLICIT_KEY: 'a value with a colon and a space in it, which has to stand in quotes',
  BLOCK_IN_FLOW: 'lines of a mapping or a list inside of brackets',
  DUPLICATE_KEY: 'a key twice',
  MISSING_CHAR: 'a quote, a bracket or a comma is missing',
  MULTIPLE_DOCS: 'several documents',
  TAB_AS_INDENT: 'a tab in the indentation',
  UNEXPECTED_TOKEN: 'something that cannot stand there',
};

function flawOf({ code }: YAMLParseError): string {
  return FLAWS[code] ?? code.toLowerCase().replaceAll('_', ' ');
}

function secretIn(path: string, argument: string): string {
  return textOf(path, argument).replace(/\r?\n$/, '');
}

function textOf(path: string, argument: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw invalid(argument, 'the file cannot be read');
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The configuration is wrong at a setting. */
export function invalid(argument: string, reason: string): MemwardenError {
  return new MemwardenError('config_invalid', { argument, reason });
}

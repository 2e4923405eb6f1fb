import type { z } from 'zod';
import type { Issue } from '../errors/memwarden-error.js';
import { MAX_FILE_ISSUES, type YamlSource } from './yaml-source.js';

type Path = readonly PropertyKey[];

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

const MOST_NAMED = 24;

/** Has a parse say which keys a mapping may have where it has another: `schema.safeParse(value, NAMING_KEYS)`. */
export const NAMING_KEYS: z.core.ParseContext<z.core.$ZodIssue> = {
  error: ({ code, inst }) => (code === 'unrecognized_keys' ? allowedKeys(inst) : undefined),
};

/** What every fault of shape means, as many as are told of one file. */
export function allShapeIssues(source: YamlSource, issues: readonly z.core.$ZodIssue[]): Issue[] {
  return issues
    .slice(0, MAX_FILE_ISSUES)
    .flatMap((issue) => shapeIssues(source, issue))
    .slice(0, MAX_FILE_ISSUES);
}

/** What a fault of shape means for whoever writes the file: where it stands and what to write instead. */
function shapeIssues(source: YamlSource, issue: z.core.$ZodIssue, prefix: Path = []): Issue[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys
        .slice(0, MAX_FILE_ISSUES)
        .map((key) => source.issue([...path, key], 'unknown_key', unknownKey(key, issue.message), true));
    case 'invalid_union':
      return unionIssues(source, issue, path);
    case 'invalid_type':
      return [typeIssue(source, issue.expected, path)];
    case 'invalid_value':
      return [source.issue(path, 'value', `write one of ${issue.values.join(', ')}`)];
    case 'too_small':
      return [
        source.issue(path, 'empty', issue.origin === 'array' ? 'write at least one' : 'write at least one character'),
      ];
    case 'too_big':
      return [source.issue(path, 'too_long', `write at most ${issue.maximum} characters`)];
    case 'invalid_format':
      return [source.issue(path, 'name', 'write lower-case letters, digits and hyphens, a letter first')];
    case 'custom':
      return [source.issue(path, String(issue.params?.['code'] ?? 'value'), issue.message)];
    default:
      return [source.issue(path, 'value', issue.message)];
  }
}

function typeIssue(source: YamlSource, expected: string, path: Path): Issue {
  const key = path.at(-1);
  if (valueAt(source.value, path) === undefined && typeof key === 'string') {
    return source.issue(path.slice(0, -1), 'missing_key', `write the key ${key} too`);
  }
  return source.issue(path, 'type', `write ${KINDS[expected] ?? expected}`);
}

// A union says why each of its forms did not fit; the form that the writer meant is the one that looks like the value.
function unionIssues(source: YamlSource, issue: z.core.$ZodIssueInvalidUnion, path: Path): Issue[] {
  const value = valueAt(source.value, path);
  const forms = issue.errors.map((errors) => errors.flatMap((error) => shapeIssues(source, error, path)));
  const meant = forms.find(
    (form, i) => !issue.errors[i]?.some((error) => error.path.length === 0 && isOtherForm(error, form)),
  );
  if (meant) return meant;
  if (value === undefined) return [typeIssue(source, '', path)];
  const scalarForm = issue.errors[0]?.[0];
  if (scalarForm?.code === 'invalid_value' && typeof value !== 'object') return forms[0] ?? [];
  return [source.issue(path, 'type', issue.message)];
}

function isOtherForm(error: z.core.$ZodIssue, form: readonly Issue[]): boolean {
  if (error.code === 'invalid_union') return form.some((found) => found.code === 'type');
  return error.code === 'invalid_type' || error.code === 'invalid_value';
}

function unknownKey(key: string, allowed: string): string {
  if (key.startsWith('$')) return 'write $eq, $in, $gt, $gte, $lt, $lte or $exists; there is no other operator';
  return `there is no key ${JSON.stringify(key.slice(0, 40))} here; ${allowed}`;
}

function allowedKeys(mapping: unknown): string {
  const names = Object.keys((mapping as Partial<z.core.$ZodObject>)._zod?.def.shape ?? {});
  if (names.length === 0) return 'remove it';
  const more = names.length - MOST_NAMED;
  return `write ${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? `, or ${more} others` : ''}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}

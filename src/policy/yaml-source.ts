import { isMap, isPair, isScalar, parseDocument, visit, type Document, type Node } from 'yaml';
import type { Issue } from '../errors/memwarden-error.js';

/** The largest policy file, in UTF-16 units. */
export const MAX_POLICY_FILE = 256 * 1024;
const MAX_DEPTH = 32;

/** A parsed YAML file that knows where each of its values stands. */
export interface YamlSource {
  readonly value: unknown;
  /** The issue at a path; `atKey` points at the key instead of the value. */
  issue(path: readonly PropertyKey[], code: string, message: string, atKey?: boolean): Issue;
}

/**
 * Parses one YAML 1.2 document strictly: no anchors, aliases, tags, merge keys, duplicate keys or keys that are not
 * plain text.
 *
 * @returns the source, or what is wrong with the file
 */
export function readYaml(file: string, text: string): YamlSource | readonly Issue[] {
  const place = (offset: number, code: string, message: string): Issue => {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    return { code, file, line, column: offset - before.lastIndexOf('\n'), message };
  };
  if (text.length > MAX_POLICY_FILE) return [place(0, 'too_large', `write at most ${MAX_POLICY_FILE} characters a file`)];
  if (!text.isWellFormed() || text.includes('\u0000')) return [place(0, 'not_text', 'write well-formed UTF-8 without NUL')];
  const deep = tooDeep(text);
  if (deep !== undefined) return [place(deep, 'too_deep', `nest at most ${MAX_DEPTH} levels`)];
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false, uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings].map((error) =>
    place(error.pos[0], error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'yaml', firstLine(error.message)),
  );
  if (faults.length > 0) return faults;
  const refused = refuse(document, place);
  if (refused.length > 0) return refused;
  return {
    value: document.toJS(),
    issue: (path, code, message, atKey = false) => place(offsetOf(document, path, atKey), code, message),
  };
}

function refuse(document: Document, place: (offset: number, code: string, message: string) => Issue): Issue[] {
  const issues: Issue[] = [];
  const add = (node: unknown, code: string, message: string) =>
    issues.push(place((node as Node | null)?.range?.[0] ?? 0, code, message));
  visit(document, {
    Alias: (_, node) => void add(node, 'alias', 'write the value out; anchors and aliases are refused'),
    Node: (_, node) => {
      if ('anchor' in node && node.anchor) add(node, 'anchor', 'remove the anchor');
      if (node.tag && !node.tag.startsWith('tag:yaml.org,2002:')) add(node, 'tag', 'remove the tag');
    },
    Pair: (_, pair) => {
      const key = pair.key;
      if (!isScalar(key) || typeof key.value !== 'string') add(key, 'key', 'write keys as plain text');
      else if (['__proto__', 'constructor', 'prototype', '<<'].includes(key.value)) add(key, 'unknown_key', 'remove this key');
    },
  });
  return issues;
}

// Flow collections nest without indentation; the parser recurses, so depth is bounded before it runs.
function tooDeep(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text[i];
    if (unit === '[' || unit === '{') depth += 1;
    else if (unit === ']' || unit === '}') depth -= 1;
    if (depth > MAX_DEPTH) return i;
  }
  const dashes = /^(?: *- ){32}|^ {200}/m.exec(text);
  return dashes ? dashes.index : undefined;
}

function offsetOf(document: Document, path: readonly PropertyKey[], atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = 0;
  path.forEach((step, depth) => {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (!isPair(pair)) return void (node = undefined);
      const target: unknown = last && atKey ? pair.key : (pair.value ?? pair.key);
      offset = rangeStart(target) ?? rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (node && typeof node === 'object' && 'items' in node && Array.isArray(node.items)) {
      node = node.items[Number(step)];
      offset = rangeStart(node) ?? offset;
    }
  });
  return path.length === 0 ? (rangeStart(document.contents) ?? 0) : offset;
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

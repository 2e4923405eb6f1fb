import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Issue } from '../errors/memwarden-error.js';

/** The largest policy file, in UTF-16 units. */
export const MAX_POLICY_FILE = 64 * 1024;
/** How many faults of one file are told; what makes more is not a policy. */
export const MAX_FILE_ISSUES = 500;
const MAX_DEPTH = 32;
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** A parsed YAML file that knows where each of its values stands. */
export interface YamlSource {
  readonly value: unknown;
  /** What is refused in the file whatever it says; the rest can be checked all the same. */
  readonly faults: readonly Issue[];
  /** The issue at a path; `atKey` points at the key instead of the value. */
  issue(path: readonly PropertyKey[], code: string, message: string, atKey?: boolean): Issue;
}

type Place = (offset: number, code: string, message: string) => Issue;

/**
 * Parses one YAML 1.2 document strictly: no directives, anchors, aliases, tags, merge keys, duplicate keys, or keys
 * that are not plain text.
 *
 * @returns the source, or what keeps the file from being read at all
 */
export function readYaml(file: string, text: string): YamlSource | readonly Issue[] {
  const place = placer(file, text);
  if (text.length > MAX_POLICY_FILE)
    return [place(0, 'too_large', `write at most ${MAX_POLICY_FILE} characters a file`)];
  const unfit = text.search(/[\0\p{Cs}]/u);
  if (unfit >= 0) return [place(unfit, 'not_text', 'write well-formed UTF-8 without NUL')];
  const deep = tooDeep(text);
  if (deep !== undefined) return [place(deep, 'too_deep', `nest at most ${MAX_DEPTH} levels`)];
  // The parser's own search for duplicate keys takes quadratic time; `refuse` does it.
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const;
  const document = parseDocument(text, options);
  // `refuse` finds every tag; that one is unknown keeps nothing else from being checked.
  const warnings = document.warnings.filter((warning) => warning.code !== 'TAG_RESOLVE_FAILED');
  const broken = [...document.errors, ...warnings].slice(0, MAX_FILE_ISSUES).map((error) => {
    const [code, message] = ofParser(error);
    return place(error.pos[0], code, message);
  });
  if (broken.length > 0) return broken;
  const { faults, readable } = refuse(document, text, place);
  if (!readable) return faults;
  const find = pairFinder();
  return {
    value: document.toJS(),
    faults,
    issue: (path, code, message, atKey = false) => place(offsetOf(document, path, atKey, find), code, message),
  };
}

function placer(file: string, text: string): Place {
  let starts: number[] | undefined;
  return (offset, code, message) => {
    starts ??= [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
    let low = 0;
    for (let high = starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { code, file, line: low + 1, column: offset - (starts[low] as number) + 1, message };
  };
}

function refuse(document: Document, text: string, place: Place): { faults: Issue[]; readable: boolean } {
  const faults: Issue[] = [];
  let readable = true;
  const add: Add = (node, code, message) => {
    if (faults.length < MAX_FILE_ISSUES) faults.push(place(rangeStart(node) ?? 0, code, message));
  };
  const { directives } = document;
  if (directives && (directives.yaml.explicit || Object.keys(directives.tags).length > 1)) {
    faults.push(place(Math.max(text.search(/^%/m), 0), 'directive', 'remove the directive'));
  }
  const stop: Add = (node, code, message) => {
    readable = false;
    add(node, code, message);
  };
  visit(document, {
    Node: (_, node, path) => {
      if (path.length > MAX_DEPTH && path.filter((above) => !isPair(above)).length > MAX_DEPTH) {
        stop(node, 'too_deep', `nest at most ${MAX_DEPTH} levels`);
        return visit.BREAK;
      }
      if (isAlias(node)) stop(node, 'alias', 'write the value out; anchors and aliases are refused');
      if ('anchor' in node && node.anchor) add(node, 'anchor', 'remove the anchor');
      if (node.tag !== undefined) add(node, 'tag', 'remove the tag');
      if (isScalar(node) && typeof node.value === 'string' && !node.value.isWellFormed()) {
        stop(node, 'not_text', 'write whole characters; half of a surrogate pair is none');
      }
      if (isMap(node)) refuseKeys(node, add, stop);
      return undefined;
    },
  });
  return { faults, readable };
}

type Add = (node: unknown, code: string, message: string) => void;

function refuseKeys(map: YAMLMap, add: Add, stop: Add): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key) || typeof key.value !== 'string') {
      stop(key, 'key', 'write keys as plain text');
      continue;
    }
    if (seen.has(key.value)) add(key, 'duplicate_key', 'write each key once');
    else if (key.value === '<<') add(key, 'merge_key', 'write the keys out; merge keys are refused');
    else if (RESERVED.has(key.value)) stop(key, 'unknown_key', 'remove this key');
    seen.add(key.value);
  }
}

// Flow collections nest without indentation; what is plainly too deep is refused before the parser recurses into it.
function tooDeep(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text[i];
    if (unit === '[' || unit === '{') depth += 1;
    else if (unit === ']' || unit === '}') depth = Math.max(0, depth - 1);
    else if (unit === '\n') depth = 0;
    if (depth > MAX_DEPTH) return i;
  }
  const compact = /^(?:[ \t]*[-?:](?=[ \t])){32}/m.exec(text);
  return compact?.index;
}

type FindPair = (map: YAMLMap, key: PropertyKey) => unknown;

function pairFinder(): FindPair {
  const indexes = new WeakMap<YAMLMap, Map<unknown, unknown>>();
  return (map, key) => {
    let index = indexes.get(map);
    if (!index) {
      index = new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]));
      indexes.set(map, index);
    }
    return index.get(key);
  };
}

function offsetOf(document: Document, path: readonly PropertyKey[], atKey: boolean, find: FindPair): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  path.forEach((step, depth) => {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = find(node, step);
      if (!isPair(pair)) return void (node = undefined);
      const target: unknown = last && atKey ? pair.key : (pair.value ?? pair.key);
      offset = rangeStart(target) ?? rangeStart(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = rangeStart(node) ?? offset;
    } else node = undefined;
  });
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function ofParser({ code, message }: YAMLError): [code: string, message: string] {
  if (code === 'MULTIPLE_DOCS') return ['yaml', 'write one document a file'];
  if (code === 'TAG_RESOLVE_FAILED') return ['tag', 'remove the tag'];
  if (message.includes('call stack')) return ['too_deep', `nest at most ${MAX_DEPTH} levels`];
  return ['yaml', message.split('\n')[0] ?? ''];
}

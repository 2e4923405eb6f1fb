import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import canonicalize from 'canonicalize';
import { LRUCache } from 'lru-cache';
import { MemwardenError, type Issue } from '../errors/memwarden-error.js';
import { DEFAULT_LEVEL, rank } from '../model/levels.js';
import type { PolicySet, RolePolicy, Rule } from './policy-set.js';
import { toRule } from './rule-check.js';
import { policyFile, soundFile, soundRule, type PolicyFile, type RuleSource } from './schema.js';
import { allShapeIssues, NAMING_KEYS } from './shape-issues.js';
import { MAX_FILE_ISSUES, MAX_POLICY_FILE, readYaml, type YamlSource } from './yaml-source.js';

/** A policy file in memory. */
export interface PolicyText {
  /** Its name, for messages. */
  readonly file: string;
  readonly text: string;
}

/** The policy files of a folder as they were read, and what is wrong with those that could not be. */
export interface PolicyFolder {
  readonly texts: readonly PolicyText[];
  readonly unread: readonly Issue[];
}

/**
 * Reads every `*.yaml` and `*.yml` file of a folder (not of its subfolders), and checks nothing of them.
 *
 * @throws MemwardenError policy_invalid where the folder itself cannot be read
 */
export async function readPolicyFolder(folder: string): Promise<PolicyFolder> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch {
    throw invalid([fileIssue(basename(folder), 'unreadable', 'the folder cannot be read')]);
  }
  const read = await Promise.all(names.map((file) => readText(folder, file)));
  return { texts: read.filter((one) => 'text' in one), unread: read.filter((one) => 'code' in one) };
}

/**
 * Reads every `*.yaml` and `*.yml` file of a folder (not of its subfolders) and makes one set of them.
 *
 * @throws MemwardenError policy_invalid with every fault of every file
 */
export async function loadPolicyFolder(folder: string): Promise<PolicySet> {
  return policiesOf(await readPolicyFolder(folder));
}

/**
 * Checks policy texts and makes one set of them: all or nothing.
 *
 * @throws MemwardenError policy_invalid with every fault of every file, each with file, line, column and what to write
 */
export function parsePolicies(texts: readonly PolicyText[]): PolicySet {
  return policiesOf({ texts, unread: [] });
}

// A reload mostly finds files that it has read before, letter by letter; parsing YAML is nearly all of its cost.
const sound = new LRUCache<string, { readonly written: PolicyFile; readonly policy: RolePolicy }>({
  maxSize: 4 * 1024 * 1024,
  sizeCalculation: (_, key) => key.length,
});

function keyOf(file: string, text: string): string {
  return `${file}\0${text}`;
}

/** As `parsePolicies`, with what could not be read among the faults. */
export function policiesOf({ texts, unread }: PolicyFolder): PolicySet {
  const issues = [...unread];
  const roles = new Map<string, RolePolicy>();
  const sources: PolicyFile[] = [];
  const ruleIds = new Map<string, string>();
  for (const { file, text } of texts) {
    const known = sound.get(keyOf(file, text));
    if (known && !roles.has(known.policy.role) && !known.policy.rules.some(({ id }) => ruleIds.has(id))) {
      sources.push(known.written);
      roles.set(known.policy.role, known.policy);
      for (const { id } of known.policy.rules) ruleIds.set(id, file);
      continue;
    }
    const source = readYaml(file, text);
    if (!('value' in source)) {
      issues.push(...inOrder(source));
      continue;
    }
    const found = [...source.faults];
    const refused = new Set(found.map(placeOf));
    const parsed = policyFile.safeParse(source.value, NAMING_KEYS);
    if (parsed.success) sources.push(parsed.data);
    else for (const one of allShapeIssues(source, parsed.error.issues)) if (!refused.has(placeOf(one))) found.push(one);
    const policy = rolePolicy(source, ruleIds, found);
    if (roles.has(policy.role)) found.push(source.issue(['role'], 'duplicate_role', 'write one file a role'));
    if (policy.role !== '') roles.set(policy.role, policy);
    if (parsed.success && found.length === 0) sound.set(keyOf(file, text), { written: parsed.data, policy });
    issues.push(...inOrder(found));
  }
  if (texts.length + unread.length === 0) issues.push(fileIssue('.', 'no_policies', 'write a policy file a role'));
  if (issues.length > 0) throw invalid(issues);
  return { revision: revisionOf(sources), roles };
}

// Checks what the sound parts of the file mean, so that every fault is told at once; the result counts only without any.
function rolePolicy(source: YamlSource, ruleIds: Map<string, string>, issues: Issue[]): RolePolicy {
  const { value } = source;
  const file = soundFile(value);
  const maximumLevel = file.maximum_level ?? 'sensitive';
  const defaultLevel = file.default_level ?? DEFAULT_LEVEL;
  if (rank(defaultLevel) > rank(maximumLevel)) {
    const path = file.default_level ? 'default_level' : 'maximum_level';
    issues.push(source.issue([path], 'level_bounds', 'write a default_level that is not above maximum_level'));
  }
  const written: unknown = typeof value === 'object' && value !== null && 'rules' in value ? value.rules : [];
  const rules = (Array.isArray(written) ? written : []).map((one, i) => {
    const rule = soundRule(one);
    if (rule.id !== undefined) checkId(rule.id, i, source, ruleIds, issues);
    return toRule(rule, i, source, issues);
  });
  return { role: file.role ?? '', defaultLevel, maximumLevel, rules: rules as Rule[] };
}

function checkId(
  id: RuleSource['id'],
  index: number,
  source: YamlSource,
  ruleIds: Map<string, string>,
  issues: Issue[],
): void {
  const at = source.issue(['rules', index, 'id'], 'duplicate_rule', `${ruleIds.get(id)} has this id too`);
  if (ruleIds.has(id)) issues.push(at);
  else ruleIds.set(id, at.file);
}

// By place; what two checks say alike of one place is said once.
function inOrder(issues: readonly Issue[]): Issue[] {
  const distinct = new Map(
    issues.map((issue) => [`${issue.line}:${issue.column} ${issue.code} ${issue.message}`, issue]),
  );
  return [...distinct.values()].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_FILE_ISSUES);
}

async function readText(folder: string, file: string): Promise<PolicyText | Issue> {
  try {
    // A pipe would be waited on for ever.
    const handle = await open(join(folder, file), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return fileIssue(file, 'unreadable', 'put a file there');
      const buffer = Buffer.alloc(MAX_POLICY_FILE * 4 + 1);
      let size = 0;
      for (let read = -1; read !== 0 && size < buffer.length; size += read) {
        read = (await handle.read(buffer, size, buffer.length - size, null)).bytesRead;
      }
      const bytes = buffer.subarray(0, size);
      if (size === buffer.length)
        return fileIssue(file, 'too_large', `write at most ${MAX_POLICY_FILE} characters a file`);
      return isUtf8(bytes)
        ? { file, text: bytes.toString('utf8') }
        : fileIssue(file, 'not_text', 'write well-formed UTF-8');
    } finally {
      await handle.close();
    }
  } catch {
    return fileIssue(file, 'unreadable', 'the file cannot be read');
  }
}

function revisionOf(sources: readonly PolicyFile[]): string {
  const sorted = [...sources].sort((a, b) => (a.role < b.role ? -1 : 1));
  return createHash('sha256')
    .update(canonicalize(sorted) ?? '')
    .digest('hex');
}

function placeOf({ line, column }: Issue): string {
  return `${line}:${column}`;
}

function fileIssue(file: string, code: string, message: string): Issue {
  return { code, file, line: 1, column: 1, message };
}

function invalid(issues: readonly Issue[]): MemwardenError {
  return new MemwardenError('policy_invalid', {}, issues);
}

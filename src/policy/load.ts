import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { MemwardenError, type Issue } from '../errors/memwarden-error.js';
import { conditionFields, isPair, type Action, type SubjectName } from '../model/actions.js';
import { DEFAULT_LEVEL, LEVELS } from '../model/levels.js';
import { conditionTemplates, toDate } from './condition-template.js';
import type { FactTest, PolicySet, RolePolicy, Rule } from './policy-set.js';
import { policyFile, type PolicyFile, type RuleSource } from './schema.js';
import { readYaml, type YamlSource } from './yaml-source.js';

/** A policy file in memory. */
export interface PolicyText {
  /** Its name, for messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads every `*.yaml` and `*.yml` file of a folder (not of its subfolders).
 *
 * @throws MemwardenError policy_invalid with every fault of every file
 */
export async function loadPolicyFolder(folder: string): Promise<PolicySet> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch {
    throw invalid([{ code: 'unreadable', file: basename(folder), line: 1, column: 1, message: 'the folder cannot be read' }]);
  }
  const texts = await Promise.all(
    names.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8').catch(() => '\u0000') })),
  );
  return parsePolicies(texts);
}

/**
 * Checks policy texts and makes one set of them: all or nothing.
 *
 * @throws MemwardenError policy_invalid with every fault of every file, each with file, line, column and what to write
 */
export function parsePolicies(texts: readonly PolicyText[]): PolicySet {
  const issues: Issue[] = [];
  const roles = new Map<string, RolePolicy>();
  const sources: PolicyFile[] = [];
  const ruleIds = new Map<string, string>();
  for (const { file, text } of texts) {
    const source = readYaml(file, text);
    if (!('value' in source)) {
      issues.push(...source);
      continue;
    }
    const parsed = policyFile.safeParse(source.value);
    if (!parsed.success) {
      issues.push(...parsed.error.issues.flatMap((issue) => shapeIssues(source, issue)));
      continue;
    }
    const { role } = parsed.data;
    if (roles.has(role)) issues.push(source.issue(['role'], 'duplicate_role', 'write one file a role'));
    parsed.data.rules.forEach(({ id }, i) => {
      if (ruleIds.has(id)) issues.push(source.issue(['rules', i, 'id'], 'duplicate_rule', `${ruleIds.get(id)} has this id too`));
      ruleIds.set(id, file);
    });
    sources.push(parsed.data);
    roles.set(role, rolePolicy(parsed.data, source, issues));
  }
  if (texts.length === 0) issues.push({ code: 'no_policies', file: '.', line: 1, column: 1, message: 'write a policy file a role' });
  if (issues.length > 0) throw invalid(issues);
  return { revision: revisionOf(sources), roles };
}

function rolePolicy(file: PolicyFile, source: YamlSource, issues: Issue[]): RolePolicy {
  const maximumLevel = file.maximum_level ?? 'sensitive';
  const defaultLevel = file.default_level ?? DEFAULT_LEVEL;
  if (LEVELS.indexOf(defaultLevel) > LEVELS.indexOf(maximumLevel)) {
    const path = file.default_level ? 'default_level' : 'maximum_level';
    issues.push(source.issue([path], 'level_bounds', 'write a default_level that is not above maximum_level'));
  }
  return { role: file.role, defaultLevel, maximumLevel, rules: file.rules.map((rule, i) => toRule(rule, i, source, issues)) };
}

function toRule(rule: RuleSource, index: number, source: YamlSource, issues: Issue[]): Rule {
  const path = ['rules', index];
  const report = (at: readonly PropertyKey[], code: string, message: string, atKey = false) =>
    void issues.push(source.issue([...path, ...at], code, message, atKey));
  const actions = [rule.action].flat() as Action[];
  const subjects = [rule.subject].flat() as SubjectName[];
  for (const subject of subjects) {
    for (const action of actions) {
      if (!isPair(subject, action)) report(['action'], 'no_such_pair', `${subject} has no action ${action}`);
    }
    if (rule.fields && subject !== 'Memory' && subject !== 'SharedMemory') report(['fields'], 'fields', `${subject} has no fields`, true);
  }
  const conditions =
    rule.conditions &&
    subjects.flatMap((subject) =>
      conditionTemplates(rule.conditions ?? {}, conditionFields(subject), (at, code, message, atKey) =>
        report(['conditions', ...at], code, message, atKey),
      ),
    );
  const notBefore = rule.not_before === undefined ? undefined : toDate(rule.not_before);
  const notAfter = rule.not_after === undefined ? undefined : toDate(rule.not_after);
  if (notBefore && notAfter && notBefore >= notAfter) report(['not_after'], 'time_bounds', 'write a not_after later than not_before');
  if (rule.principal && Object.keys(rule.principal).length === 0) report(['principal'], 'empty_conditions', 'remove it', true);
  return {
    id: rule.id,
    reason: rule.reason,
    inverted: rule.inverted ?? false,
    actions,
    subjects,
    facts: factTests(rule, report),
    ...(conditions ? { conditions } : {}),
    ...(rule.fields ? { fields: rule.fields } : {}),
    ...(notBefore ? { notBefore } : {}),
    ...(notAfter ? { notAfter } : {}),
  };
}

function factTests(rule: RuleSource, report: (at: PropertyKey[], code: string, message: string, atKey?: boolean) => void): FactTest[] {
  const { purpose, attributes } = rule.principal ?? {};
  if (attributes && Object.keys(attributes).length === 0) report(['principal', 'attributes'], 'empty_conditions', 'remove it', true);
  const tests = (fact: FactTest['fact'], test: NonNullable<typeof purpose>): FactTest[] => {
    if (typeof test !== 'object') return [{ fact, oneOf: [test] }];
    return [...(test.$eq === undefined ? [] : [{ fact, oneOf: [test.$eq] }]), ...(test.$in ? [{ fact, oneOf: test.$in }] : [])];
  };
  return [
    ...(purpose === undefined ? [] : tests('purpose', purpose)),
    ...Object.entries(attributes ?? {}).flatMap(([attribute, test]) => tests({ attribute }, test)),
  ];
}

function shapeIssues(source: YamlSource, issue: z.core.$ZodIssue, prefix: readonly PropertyKey[] = []): Issue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => source.issue([...path, key], 'unknown_key', `there is no key ${quoted(key)} here`, true));
  }
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((errors) => errors.flatMap((error) => shapeIssues(source, error, path)));
    const deepest = branches.filter((found) => !found.some((one) => one.code === 'type'));
    return (deepest.length ? deepest : branches).at(-1) ?? [source.issue(path, 'shape', issue.message)];
  }
  const empty = issue.code === 'custom' && issue.params?.['code'] === 'empty_conditions';
  const code = empty ? 'empty_conditions' : issue.code === 'invalid_type' ? 'type' : issue.code === 'invalid_value' ? 'value' : 'shape';
  return [source.issue(path, code, empty ? 'name at least one operator' : issue.message)];
}

function quoted(key: string): string {
  return JSON.stringify(key.slice(0, 40));
}

function revisionOf(sources: readonly PolicyFile[]): string {
  const sorted = [...sources].sort((a, b) => (a.role < b.role ? -1 : 1));
  return createHash('sha256').update(canonicalize(sorted) ?? '').digest('hex');
}

function invalid(issues: readonly Issue[]): MemwardenError {
  return new MemwardenError('policy_invalid', {}, issues);
}

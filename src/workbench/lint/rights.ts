import { LEVELS, rank, type Level } from '../../model/levels.js';
import type { Action } from '../../model/actions.js';
import { FILTERABLE, HIDEABLE, type FieldName } from '../../model/fields.js';
import type { Binding } from '../../policy/binding.js';
import { Records, SPOTS, type Spot } from '../cells.js';
import { ask, type Desk } from '../desk.js';
import { fieldsOf } from '../effective.js';
import { bindingOf } from '../matrix.js';
import type { RoleSource } from '../policies.js';
import { profilesOf } from '../profiles.js';
import { finding, type LintFinding } from './checks.js';
import { conditionFieldsOf, isOnMemories, rulesOf } from './rules-of.js';

const MOST_PROFILES = 64;
const MEMORY_SPOTS = SPOTS.filter(({ subject, place }) => subject === 'Memory' && place !== 'expired');

/** What a role may do with memories, over all the principals that its rules tell apart. */
interface Rights {
  /** Levels that may be created where some place of that level cannot be read, with the rule that allows it. */
  readonly blind: Map<Level, string>;
  readonly created: Set<Level>;
  /** Actions that are allowed on what cannot be read, by the rule that allows them. */
  readonly unread: Map<string, Set<Action>>;
  /** The fields that may be read of some memory; undefined where none is limited. */
  readonly readable: Set<FieldName>;
  readonly writable: Set<FieldName>;
  limited: boolean;
  reads: boolean;
}

/** What a role may do that does not fit together. */
export function rights(source: RoleSource, desk: Desk, at: Date): LintFinding[] {
  const found = rightsOf(source, desk, at);
  return [...blind(source, found), ...unread(source, found), ...(found.limited ? hidden(source, found) : [])];
}

function rightsOf({ policy }: RoleSource, desk: Desk, at: Date): Rights {
  const found: Rights = {
    blind: new Map(),
    created: new Set(),
    unread: new Map(),
    readable: new Set(),
    writable: new Set(),
    limited: false,
    reads: false,
  };
  for (const profile of profilesOf(policy.role, policy.rules, at, MOST_PROFILES).profiles) {
    const binding = bindingOf(desk, profile, at);
    if (binding) observe(binding, found, at);
  }
  return found;
}

function observe(binding: Binding, found: Rights, at: Date): void {
  const samples = new Records([binding], at);
  found.limited ||= binding.hasFieldRules('read', 'Memory');
  for (const spot of MEMORY_SPOTS) {
    const { subject, action, level } = spot;
    if (level === undefined || rank(level) > rank(binding.maximumLevel)) continue;
    for (const record of samples.of(spot).records) {
      const answer = ask(binding, { subject, action, record, at });
      if (!answer.decision) continue;
      const reads = ask(binding, { subject, action: 'read', record, at }).decision;
      if (action === 'read') found.reads = true;
      if (action === 'create') found.created.add(level);
      if (!reads) noteUnread(found, spot, answer.rule?.id ?? '');
      collect(found, binding, spot, fieldsOf(binding, { subject, action, record, at }) ?? HIDEABLE);
    }
  }
}

function noteUnread({ blind, unread }: Rights, { action, level }: Spot, rule: string): void {
  if (action === 'create' && level !== undefined) blind.set(level, blind.get(level) ?? rule);
  else unread.set(rule, (unread.get(rule) ?? new Set<Action>()).add(action));
}

function collect({ readable, writable }: Rights, _: Binding, { action }: Spot, fields: readonly FieldName[]): void {
  const into = action === 'read' ? readable : action === 'create' || action === 'update' ? writable : undefined;
  for (const field of fields) into?.add(field);
}

function placeOf(source: RoleSource, id: string) {
  const rule = rulesOf(source).find((one) => one.rule.id === id);
  return rule ? rule.place() : source.place(['role']);
}

function blind(source: RoleSource, { blind: levels, created }: Rights): LintFinding[] {
  const { policy, written } = source;
  const found = LEVELS.flatMap((level) => {
    const rule = levels.get(level);
    if (rule === undefined) return [];
    // Who writes the bound out has thought of it.
    const meant = written.maximum_level !== undefined && rank(level) <= rank(written.maximum_level);
    const message = meant
      ? `creates ${level} memories that it cannot read, as maximum_level says`
      : `creates ${level} memories that it cannot read; write maximum_level out if that is meant`;
    return [finding('writes_above_read', placeOf(source, rule), message, meant ? 'note' : 'warning')];
  });
  if (created.size > 0 && !created.has(policy.defaultLevel)) {
    const message = `a memory without a level is ${policy.defaultLevel}, which this role may not create; write a default_level`;
    found.push(finding('default_not_creatable', source.place(['role']), message));
  }
  return found;
}

function unread(source: RoleSource, { unread: rules }: Rights): LintFinding[] {
  return [...rules].map(([id, actions]) =>
    finding(
      'needs_read',
      placeOf(source, id),
      `${[...actions].join(', ')} of memories that it cannot read; allow read too`,
    ),
  );
}

function hidden(source: RoleSource, { readable, writable, reads }: Rights): LintFinding[] {
  const found: LintFinding[] = [];
  for (const { rule, place } of rulesOf(source)) {
    const fields = isOnMemories(rule) ? conditionFieldsOf(rule).filter((field) => isHidden(field, readable)) : [];
    if (fields.length > 0) {
      const message = `what it finds tells of ${fields.join(', ')}, which this role may not read`;
      found.push(finding('condition_on_hidden_field', place('conditions'), message));
    }
    const whole = rule.inverted ? [] : rule.actions.filter((action) => action === 'export' || action === 'share');
    if (whole.length > 0 && isOnMemories(rule) && HIDEABLE.some((field) => !readable.has(field)))
      found.push(
        finding('whole_past_fields', place('action'), `${whole.join(', ')} is of whole memories, hidden fields too`),
      );
  }
  if (reads && !readable.has('occurred_at')) {
    const message = 'lists are ordered by occurred_at: without it they find nothing; add it to fields';
    found.push(finding('list_needs_order', source.place(['role']), message));
  }
  const blindly = [...writable].filter((field) => !readable.has(field));
  if (blindly.length > 0)
    found.push(
      finding('writes_hidden_field', source.place(['role']), `writes ${blindly.join(', ')} and may not read it`),
    );
  return found;
}

function isHidden(field: FieldName, readable: ReadonlySet<FieldName>): boolean {
  return (FILTERABLE as ReadonlyMap<string, unknown>).has(field) && HIDEABLE.includes(field) && !readable.has(field);
}

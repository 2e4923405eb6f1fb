import type { Action, SubjectName } from '../model/actions.js';
import type { Candidate } from '../model/evaluate.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { HIDEABLE, type FieldName } from '../model/fields.js';
import { isLevel, rank } from '../model/levels.js';
import type { Binding } from '../policy/binding.js';
import { ask, type Question } from './desk.js';

const RAISES: ReadonlySet<Action> = new Set(['create', 'update', 'reclassify']);

/**
 * Whether the guard would let an action through on a record: the policy allows it, the role may read the record (which
 * every act on a stored memory needs, S9), and what it writes is not above its maximum level.
 *
 * @throws MemwardenError internal where decision and plan disagree
 */
export function isEffective(binding: Binding, question: Question): boolean {
  const { subject, action, record } = question;
  if (!decided(binding, question)) return false;
  if (subject !== 'Memory') return true;
  if (RAISES.has(action) && isAbove(binding, record)) return false;
  return action === 'create' || action === 'read' || decided(binding, { ...question, action: 'read' });
}

/** The fields that an action may use on a record, where rules limit them; else undefined. */
export function fieldsOf(
  binding: Binding,
  { subject, action, record, at }: Question,
): readonly FieldName[] | undefined {
  if (!binding.hasFieldRules(action, subject)) return undefined;
  const allowed = HIDEABLE.filter((field) => decided(binding, { subject, action, record, at, field }));
  return allowed.length === HIDEABLE.length ? undefined : allowed;
}

function decided(binding: Binding, question: Question): boolean {
  const { decision, plan } = ask(binding, question);
  // INVARIANT: query and decision mean the same (G1).
  if (decision !== plan) throw new MemwardenError('internal');
  return decision;
}

function isAbove(binding: Binding, record: Candidate): boolean {
  const level = record['sensitivity'];
  return isLevel(level) && rank(level) > rank(binding.maximumLevel);
}

/** The subjects whose records have levels. */
export function hasLevels(subject: SubjectName): boolean {
  return subject === 'Memory' || subject === 'SharedMemory';
}

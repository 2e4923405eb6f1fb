import { isMemwardenError } from '../errors/memwarden-error.js';
import { ACTIONS_OF, type Action, type SubjectName } from '../model/actions.js';
import type { Candidate } from '../model/evaluate.js';
import type { FieldName } from '../model/fields.js';
import type { Principal } from '../model/principal.js';
import type { PolicySet } from '../policy/policy-set.js';
import { ask, Desk } from './desk.js';
import { fieldsOf, isEffective } from './effective.js';
import { plainRecord } from './regions.js';

/** One question: may this principal do anything to such a record? */
export interface OneCase {
  readonly principal: Principal;
  readonly subject: SubjectName;
  /** What is said of the record; the rest is as in any new memory. */
  readonly record: Candidate;
  readonly at: Date;
}

/** What the policies say of one action. */
export interface CaseAnswer {
  readonly action: Action;
  readonly allowed: boolean;
  /** The rule that decided, where one matched. */
  readonly rule?: { readonly id: string; readonly reason: string };
  /** The only fields that the action may use, where rules limit them. */
  readonly fields?: readonly FieldName[];
}

/** Asks a set of policies about every action on one record. @returns undefined where the engine refuses the principal's facts */
export async function askCase(set: PolicySet, one: OneCase): Promise<readonly CaseAnswer[] | undefined> {
  const { subject, at } = one;
  const desk = await Desk.open(set);
  let binding;
  try {
    binding = desk.bind(one.principal, at);
  } catch (error) {
    if (isMemwardenError(error, 'invalid_principal')) return undefined;
    throw error;
  }
  const base = subject === 'Memory' || subject === 'SharedMemory' ? plainRecord(at) : {};
  const record = { ...base, ...one.record };
  return ACTIONS_OF[subject].map((action): CaseAnswer => {
    const question = { subject, action, record, at };
    const allowed = isEffective(binding, question);
    const { rule } = ask(binding, question);
    const fields = allowed ? fieldsOf(binding, question) : undefined;
    return {
      action,
      allowed,
      ...(rule ? { rule: { id: rule.id, reason: rule.reason } } : {}),
      ...(fields ? { fields } : {}),
    };
  });
}

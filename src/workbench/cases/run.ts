import { isMemwardenError } from '../../errors/memwarden-error.js';
import { ACTIONS_OF, type Action, type SubjectName } from '../../model/actions.js';
import type { Candidate } from '../../model/evaluate.js';
import { HIDEABLE, type FieldName } from '../../model/fields.js';
import type { Binding } from '../../policy/binding.js';
import type { PolicySet } from '../../policy/policy-set.js';
import { ask, Desk } from '../desk.js';
import { hasLevels } from '../effective.js';
import type { Place } from '../policies.js';
import type { CaseFile, Expectation, TestPrincipal } from './case-file.js';

/** One question of a test and what was made of it. */
export interface CaseResult {
  /** `assistant read public`, or with a field `assistant read public content`. */
  readonly name: string;
  readonly file: string;
  readonly role: string;
  readonly expected: string;
  /** What each interpreter said, where they were asked. */
  readonly decision: string;
  readonly plan: string;
  readonly ok: boolean;
  /** The rule that decided. */
  readonly rule?: string;
  readonly place: Place;
}

/** Runs every case of some files, one after the other, as it is asked for. */
export async function* casesOf(
  set: PolicySet,
  files: readonly CaseFile[],
  role?: string,
): AsyncGenerator<CaseResult, void, undefined> {
  const desk = await Desk.open(set);
  for (const file of files) {
    for (const one of file.principals)
      if (role === undefined || one.principal.role === role) yield* principalCases(desk, file, one);
    for (const one of file.levels) if (role === undefined || one.role === role) yield levelCase(set, file, one);
  }
}

function* principalCases(desk: Desk, file: CaseFile, who: TestPrincipal): Generator<CaseResult> {
  const { principal, at, refused, place } = who;
  let binding: Binding | undefined;
  try {
    binding = desk.bind(principal, at);
  } catch (error) {
    if (!isMemwardenError(error, 'invalid_principal')) throw error;
  }
  if (!binding || refused) {
    const found = binding ? 'accepted' : 'invalid_principal';
    const expected = refused ? 'invalid_principal' : 'accepted';
    yield {
      ...about(file, who),
      name: who.name,
      expected,
      decision: found,
      plan: found,
      ok: found === expected,
      place,
    };
    return;
  }
  for (const { name, subject, record } of file.records) {
    const expectation = file.expectation(who, { name, subject, record });
    for (const action of ACTIONS_OF[subject])
      for (const field of [undefined, ...fieldsAsked(binding, subject, action, expectation)]) {
        const question = { subject, action, record, at, ...(field === undefined ? {} : { field }) };
        yield {
          ...about(file, who),
          ...asked(binding, question, expectation),
          name: [who.name, action, name, field].join(' ').trim(),
        };
      }
  }
}

function about({ file }: CaseFile, { principal }: TestPrincipal): Pick<CaseResult, 'file' | 'role'> {
  return { file, role: principal.role };
}

interface FieldQuestion {
  readonly subject: SubjectName;
  readonly action: Action;
  readonly record: Candidate;
  readonly at: Date;
  readonly field?: FieldName;
}

function asked(
  binding: Binding,
  question: FieldQuestion,
  { rights, place }: Expectation,
): Omit<CaseResult, 'name' | 'file' | 'role'> {
  const fields = rights.get(question.action);
  const isExpected =
    fields !== undefined && (question.field === undefined || fields === 'all' || fields.includes(question.field));
  const answer = ask(binding, question);
  return {
    expected: word(isExpected),
    decision: word(answer.decision),
    plan: word(answer.plan),
    ok: answer.decision === isExpected && answer.plan === isExpected,
    ...(answer.rule ? { rule: answer.rule.id } : {}),
    place,
  };
}

// Field by field where the rules or the test tell fields apart.
function fieldsAsked(
  binding: Binding,
  subject: SubjectName,
  action: Action,
  { rights }: Expectation,
): readonly FieldName[] {
  if (!hasLevels(subject)) return [];
  const limited = binding.hasFieldRules(action, subject) || Array.isArray(rights.get(action));
  return limited ? HIDEABLE : [];
}

function levelCase(
  set: PolicySet,
  { file }: CaseFile,
  { role, defaultLevel, maximumLevel, place }: CaseFile['levels'][number],
): CaseResult {
  const policy = set.roles.get(role);
  const expected = `${defaultLevel} up to ${maximumLevel}`;
  const found = policy ? `${policy.defaultLevel} up to ${policy.maximumLevel}` : 'no such role';
  return {
    name: `levels of ${role}`,
    file,
    role,
    expected,
    decision: found,
    plan: found,
    ok: found === expected,
    place,
  };
}

function word(allowed: boolean): string {
  return allowed ? 'allowed' : 'denied';
}

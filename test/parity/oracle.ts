import type { Principal } from '../../src/model/principal.js';
import {
  DATE_FIELDS,
  LEVELS,
  type Fact,
  type FactTest,
  type FieldName,
  type Tests,
  type WrittenPolicy,
  type WrittenRule,
} from './rules.js';

// The third interpreter. It reads policies as they were written and shares nothing with the product but types, so that
// a fault in what both of the product's interpreters stand on is found.

type Candidate = Readonly<Record<string, unknown>>;
/** What a call asks for. */
export interface Asked {
  readonly action: string;
  readonly fields?: readonly FieldName[];
}

const TEXTS = { id: true, user_id: true, category: true, agent_id: false, app_id: false, session_id: false } as const;
const TIMES = { occurred_at: true, expires_at: false } as const;

/** S1, as SECURITY.md has it, and that what every record has is there. */
export function isSound(document: Candidate): boolean {
  const all = (table: object, fits: (value: unknown) => boolean) =>
    Object.entries(table).every(([name, required]) =>
      Object.hasOwn(document, name) && document[name] !== undefined ? fits(document[name]) : !required,
    );
  const level = Object.hasOwn(document, 'sensitivity') && LEVELS.some((one) => one === document['sensitivity']);
  return level && all(TEXTS, (value) => typeof value === 'string') && all(TIMES, isTime);
}

/** Whether the principal may do all of that with the document. */
export function mayDo(
  policies: readonly WrittenPolicy[],
  principal: Principal,
  owner: string,
  document: Candidate,
  now: Date,
  asked: readonly Asked[],
): boolean {
  if (!isSound(document) || document['user_id'] !== owner || document['tenant'] !== 'default') return false;
  const expiry = document['expires_at'];
  if (isTime(expiry) && expiry.getTime() <= now.getTime()) return false;
  const rules = policies.find((policy) => policy.role === principal.role)?.rules ?? [];
  const allows = (action: string, field?: FieldName) => {
    const hits = rules.filter(
      (rule) => speaksOf(rule, action, field) && isInTime(rule, now) && applies(rule, principal, document),
    );
    return hits.some((rule) => !rule.inverted) && !hits.some((rule) => rule.inverted);
  };
  return asked.every(({ action, fields = [] }) =>
    [undefined, ...fields.filter((field) => field !== 'id' && field !== 'user_id')].every((field) =>
      allows(action, field),
    ),
  );
}

// Asked of no field: an allowance of some fields lets the record be seen, a denial of some does not hide it.
function speaksOf(rule: WrittenRule, action: string, field: FieldName | undefined): boolean {
  if (![rule.action].flat().includes(action) || ![rule.subject].flat().includes('Memory')) return false;
  if (!rule.fields) return true;
  return field === undefined ? !rule.inverted : rule.fields.includes(field);
}

function isInTime({ not_before: from, not_after: to }: WrittenRule, now: Date): boolean {
  return (
    (from === undefined || Date.parse(from) <= now.getTime()) && (to === undefined || now.getTime() < Date.parse(to))
  );
}

// S4: what cannot be told for want of a fact counts against the principal.
function applies(rule: WrittenRule, principal: Principal, document: Candidate): boolean {
  const results: (boolean | 'unknown')[] = [];
  const { purpose, attributes } = rule.principal ?? {};
  if (purpose !== undefined) results.push(factHolds(principal.purpose, purpose));
  for (const [name, test] of Object.entries(attributes ?? {}))
    results.push(factHolds(principal.attributes?.[name], test));
  for (const [field, tests] of Object.entries(rule.conditions ?? {}))
    results.push(...comparisons(field, tests, principal, document));
  return results.every((result) => (result === 'unknown' ? rule.inverted === true : result));
}

function factHolds(fact: Fact | undefined, test: FactTest): boolean | 'unknown' {
  if (fact === undefined) return 'unknown';
  if (typeof test !== 'object') return fact === test;
  return (
    (test.$eq === undefined || fact === test.$eq) && (test.$in === undefined || test.$in.some((one) => one === fact))
  );
}

function comparisons(field: string, tests: Tests, principal: Principal, document: Candidate): (boolean | 'unknown')[] {
  const stored = Object.hasOwn(document, field) ? document[field] : undefined;
  const entries = typeof tests === 'string' ? [['$eq', tests] as const] : Object.entries(tests);
  return entries.map(([operator, operand]) => {
    if (operator === '$exists') return (stored !== undefined) === operand;
    const written = [operand].flat() as string[];
    const wanted = written.map((text) => (text.startsWith('${') ? factNamed(text, principal) : text));
    if (wanted.includes(undefined)) return 'unknown';
    const signs = (wanted as string[]).map((text) => order(field, stored, text));
    return signs.some((sign) => sign !== undefined && SIGNS[operator as keyof typeof SIGNS].includes(sign));
  });
}

const SIGNS = { $eq: [0], $in: [0], $gt: [1], $gte: [0, 1], $lt: [-1], $lte: [-1, 0] };

// Undefined where the two cannot be compared: a field that is not there satisfies nothing.
function order(field: string, stored: unknown, wanted: string): number | undefined {
  if ((DATE_FIELDS as readonly string[]).includes(field))
    return isTime(stored) ? Math.sign(stored.getTime() - Date.parse(wanted)) : undefined;
  return typeof stored === 'string' ? Buffer.compare(Buffer.from(stored), Buffer.from(wanted)) : undefined;
}

function factNamed(placeholder: string, principal: Principal): string | undefined {
  const path = placeholder.slice('${principal.'.length, -1);
  const named: Record<string, Fact | undefined> = {
    id: principal.id,
    role: principal.role,
    user_id: principal.userId,
    purpose: principal.purpose,
  };
  for (const [name, fact] of Object.entries(principal.attributes ?? {})) named[`attributes.${name}`] = fact;
  return named[path] as string | undefined;
}

function isTime(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

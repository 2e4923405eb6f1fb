import type { FilterableName } from './fields.js';
import { isLevel } from './levels.js';
import type { Comparison, Operand, Predicate, TypeTest } from './predicate.js';
import { compareText } from './text.js';

/** Any object that a predicate is asked of; nothing about it is trusted. */
export type Candidate = Readonly<Record<string, unknown>>;
/** Whether a candidate satisfies a predicate. Never throws. */
export type Test = (candidate: Candidate) => boolean;

/**
 * Turns a predicate into a function that means in memory what the query means in MongoDB: comparisons hold only
 * between values of one type, a missing field satisfies none of them, and an array satisfies a comparison when one of
 * its elements does (server manual, "Comparison/Sort Order" and "Query an Array").
 */
export function compile(predicate: Predicate): Test {
  switch (predicate.kind) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'not': {
      const test = compile(predicate.of);
      return (candidate) => !test(candidate);
    }
    case 'and':
      return every(ownerLast(predicate.of).map(compile));
    case 'or': {
      const tests = predicate.of.map(compile);
      return (candidate) => tests.some((test) => test(candidate));
    }
    case 'type':
      return compileType(predicate);
    case 'compare':
      return compileComparison(predicate);
  }
}

// A decision is made within a partition, where a rule's test of the owner tells nothing that its other tests do not tell
// sooner. The order is nobody's business but this function's.
function ownerLast(parts: readonly Predicate[]): readonly Predicate[] {
  const isOfOwner = (part: Predicate) => part.kind === 'compare' && part.field === 'user_id';
  return parts.length > 1 && parts.some(isOfOwner)
    ? [...parts.filter((part) => !isOfOwner(part)), ...parts.filter(isOfOwner)]
    : parts;
}

function every(tests: readonly Test[]): Test {
  const [first, second, third] = tests;
  if (first && second && tests.length === 2) return (candidate) => first(candidate) && second(candidate);
  if (first && second && third && tests.length === 3)
    return (candidate) => first(candidate) && second(candidate) && third(candidate);
  return (candidate) => {
    for (const test of tests) if (!test(candidate)) return false;
    return true;
  };
}

// One function a field: a property that is read at one place, by its own name, is several times cheaper than one whose
// name is a variable, and every decision reads many.
const VALUE_OF: { readonly [field in FilterableName]: (candidate: Candidate) => unknown } = {
  id: (candidate) => candidate['id'],
  user_id: (candidate) => candidate['user_id'],
  sensitivity: (candidate) => candidate['sensitivity'],
  category: (candidate) => candidate['category'],
  agent_id: (candidate) => candidate['agent_id'],
  app_id: (candidate) => candidate['app_id'],
  session_id: (candidate) => candidate['session_id'],
  occurred_at: (candidate) => candidate['occurred_at'],
  expires_at: (candidate) => candidate['expires_at'],
};

function compileComparison(comparison: Comparison): Test {
  const { field } = comparison;
  if (comparison.op === 'exists') {
    const wanted = comparison.value;
    return (candidate) => isPresent(candidate, field) === wanted;
  }
  const valueOf = VALUE_OF[field];
  if (comparison.op === 'eq' && typeof comparison.value === 'string') {
    const wanted = comparison.value;
    return (candidate) => {
      const value = valueOf(candidate);
      return value === wanted || (typeof value !== 'string' && Array.isArray(value) && value.includes(wanted));
    };
  }
  const holds = comparison.op === 'in' ? anyOf(comparison.value) : against(comparison.op, comparison.value);
  return (candidate) => {
    const value = valueOf(candidate);
    if (typeof value === 'string' || !Array.isArray(value)) return holds(value);
    return value.some(holds);
  };
}

function anyOf(operands: readonly Operand[]): (value: unknown) => boolean {
  const texts = new Set(operands.filter((operand) => typeof operand === 'string'));
  const times = new Set(operands.filter((operand) => operand instanceof Date).map(Number));
  return (value) => (typeof value === 'string' ? texts.has(value) : value instanceof Date && times.has(timeOf(value)));
}

function against(op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte', operand: Operand): (value: unknown) => boolean {
  if (typeof operand === 'string') {
    const holds = op === 'eq' ? (order: number) => order === 0 : ORDERS[op];
    return (value) => typeof value === 'string' && holds(compareText(value, operand));
  }
  const time = operand.getTime();
  if (op === 'eq') return (value) => value instanceof Date && timeOf(value) === time;
  const holds = ORDERS[op];
  return (value) => value instanceof Date && holds(timeOf(value) - time);
}

// What only looks like a date (an object made from its prototype, a proxy) has no time.
function timeOf(value: Date): number {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return NaN;
  }
}

// NaN, the difference from an invalid date, satisfies none of them.
const ORDERS = {
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
} as const;

function isPresent(candidate: Candidate, field: string): boolean {
  return Object.hasOwn(candidate, field) && candidate[field] !== undefined;
}

const TYPES = {
  string: (value: unknown) => typeof value === 'string',
  enum: isLevel,
  date: (value: unknown) => value instanceof Date && !Number.isNaN(timeOf(value)),
} as const;

function compileType({ field, type, required, after }: TypeTest): Test {
  const earliest = after?.getTime();
  const fits =
    earliest === undefined ? TYPES[type] : (value: unknown) => value instanceof Date && timeOf(value) > earliest;
  const valueOf = VALUE_OF[field];
  return (candidate) => {
    const value = valueOf(candidate);
    return value === undefined ? !required : fits(value) && Object.hasOwn(candidate, field);
  };
}

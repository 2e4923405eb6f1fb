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
      return every(predicate.of.map(compile));
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

function every(tests: readonly Test[]): Test {
  const [first, second, ...rest] = tests;
  if (first && second && rest.length === 0) return (candidate) => first(candidate) && second(candidate);
  return (candidate) => {
    for (const test of tests) if (!test(candidate)) return false;
    return true;
  };
}

function compileComparison(comparison: Comparison): Test {
  const { field } = comparison;
  if (comparison.op === 'exists') {
    const wanted = comparison.value;
    return (candidate) => isPresent(candidate, field) === wanted;
  }
  const holds = comparison.op === 'in' ? anyOf(comparison.value) : against(comparison.op, comparison.value);
  return (candidate) => {
    const value = candidate[field];
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
    if (op === 'eq') return (value) => value === operand;
    const holds = ORDERS[op];
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

function compileType({ field, type, required }: TypeTest): Test {
  const fits = TYPES[type];
  return (candidate) => {
    const value = candidate[field];
    return value === undefined ? !required : fits(value) && Object.hasOwn(candidate, field);
  };
}

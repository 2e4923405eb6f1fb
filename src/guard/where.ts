import { compile } from '../model/evaluate.js';
import type { FieldName, MemoryRecord } from '../model/fields.js';
import { and, not, or, TRUE, type Predicate } from '../model/predicate.js';
import { compareText } from '../model/text.js';
import { fold } from './fold.js';
import { Sight, type Opened } from './sight.js';

export type { Opened };

/** What a key of metadata is compared with. */
export type Scalar = string | number | boolean | null;
/** How two values of one kind stand to one another. */
export type Order = 'gt' | 'gte' | 'lt' | 'lte';

/** A comparison that no query can make: it is tested on the record once it is decided on and opened. */
export type OpenedTest =
  | { readonly kind: 'text'; readonly field: 'content' | 'category'; readonly value: string; readonly folded: boolean }
  | { readonly kind: 'time'; readonly op: 'eq' | Order; readonly value: Date }
  | {
      readonly kind: 'metadata';
      readonly key: string;
      readonly op: 'eq' | Order | 'contains' | 'icontains';
      readonly value: Scalar;
    };

/**
 * A caller's condition with AND, OR and NOT: closed, so that nothing of a database can be put in. `clear` holds what a
 * store can be asked; `time` is about `updated_at`.
 */
export type Where =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Where[] }
  | { readonly kind: 'none'; readonly of: Where }
  | { readonly kind: 'clear'; readonly of: Predicate }
  | OpenedTest;

/** A condition as the guard uses it. */
export interface CompiledWhere {
  /** What the store is asked: every record that satisfies the condition satisfies this too. */
  readonly predicate: Predicate;
  /** The fields that it uses (S7). */
  readonly fields: readonly FieldName[];
  /** The whole condition, where the predicate says less than it. */
  readonly test?: (record: Readonly<MemoryRecord>, opened: Opened) => boolean;
}

/** Translates a condition. */
export function compileWhere(where: Where): CompiledWhere {
  const { predicate, exact } = narrowing(where);
  const fields = [...new Set(fieldsOf(where))];
  if (exact) return { predicate, fields };
  const test = testOf(where);
  return { predicate, fields, test: (record, opened) => test(new Sight(record, opened)) };
}

// What is implied by a condition, and whether it is the same as the condition. Only what is the same can be negated.
function narrowing(where: Where): { readonly predicate: Predicate; readonly exact: boolean } {
  switch (where.kind) {
    case 'clear':
      return { predicate: where.of, exact: true };
    case 'none': {
      const { predicate, exact } = narrowing(where.of);
      return exact ? { predicate: not(predicate), exact } : { predicate: TRUE, exact };
    }
    case 'all':
    case 'any': {
      const parts = where.of.map(narrowing);
      const join = where.kind === 'all' ? and : or;
      return { predicate: join(...parts.map(({ predicate }) => predicate)), exact: parts.every(({ exact }) => exact) };
    }
    default:
      return { predicate: TRUE, exact: false };
  }
}

function fieldsOf(where: Where): readonly FieldName[] {
  switch (where.kind) {
    case 'all':
    case 'any':
      return where.of.flatMap(fieldsOf);
    case 'none':
      return fieldsOf(where.of);
    case 'clear':
      return named(where.of);
    case 'text':
      return [where.field];
    case 'time':
      return ['updated_at'];
    case 'metadata':
      return ['metadata'];
  }
}

function named(predicate: Predicate): readonly FieldName[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(named);
    case 'not':
      return named(predicate.of);
    case 'compare':
    case 'type':
      return [predicate.field];
    default:
      return [];
  }
}

type Test = (seen: Sight) => boolean;

function testOf(where: Where): Test {
  switch (where.kind) {
    case 'all': {
      const tests = where.of.map(testOf);
      return (seen) => tests.every((test) => test(seen));
    }
    case 'any': {
      const tests = where.of.map(testOf);
      return (seen) => tests.some((test) => test(seen));
    }
    case 'none': {
      const test = testOf(where.of);
      return (seen) => !test(seen);
    }
    case 'clear': {
      const test = compile(where.of);
      return ({ record }) => test(record);
    }
    case 'text': {
      const { field, value, folded } = where;
      const wanted = folded ? fold(value) : value;
      return (seen) => seen.text(field, folded).includes(wanted);
    }
    case 'time': {
      const { op, value } = where;
      return ({ record }) => stands(record.updated_at.getTime() - value.getTime(), op);
    }
    case 'metadata': {
      const { key, op, value } = where;
      if (op !== 'contains' && op !== 'icontains') return (seen) => seen.has(key) && holds(seen.value(key), op, value);
      const folded = op === 'icontains';
      const wanted = folded && typeof value === 'string' ? fold(value) : value;
      return (seen) => seen.has(key) && contains(seen.value(key, folded), wanted);
    }
  }
}

function holds(found: unknown, op: 'eq' | Order, value: Scalar): boolean {
  if (op === 'eq') return found === value;
  // Values of two kinds stand in no order.
  if (typeof found === 'number' && typeof value === 'number') return stands(found - value, op);
  return typeof found === 'string' && typeof value === 'string' && stands(compareText(found, value), op);
}

function contains(found: unknown, value: Scalar): boolean {
  if (Array.isArray(found)) return found.includes(value);
  return typeof found === 'string' && typeof value === 'string' && found.includes(value);
}

function stands(difference: number, op: 'eq' | Order): boolean {
  switch (op) {
    case 'eq':
      return difference === 0;
    case 'gt':
      return difference > 0;
    case 'gte':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'lte':
      return difference <= 0;
  }
}

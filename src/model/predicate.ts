import type { FilterableName, FilterType } from './fields.js';

/** What a condition compares with. */
export type Operand = string | Date;

/** One comparison; the operators of the condition language without their `$`. */
export type Comparison =
  | {
      readonly kind: 'compare';
      readonly field: FilterableName;
      readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte';
      readonly value: Operand;
    }
  | { readonly kind: 'compare'; readonly field: FilterableName; readonly op: 'in'; readonly value: readonly Operand[] }
  | { readonly kind: 'compare'; readonly field: FilterableName; readonly op: 'exists'; readonly value: boolean };

/** What S1 asks of a field: a scalar of its declared type, present if required. */
export interface TypeTest {
  readonly kind: 'type';
  readonly field: FilterableName;
  readonly type: FilterType;
  readonly required: boolean;
  /** What is there is a date later than this one. */
  readonly after?: Date;
}

/**
 * The one language of queries and decisions. Policies, callers' filters and the fixed conditions become this tree; the
 * stores translate it and `compile` evaluates it. It is closed: there is no way to put an operator of a database in.
 */
export type Predicate =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | { readonly kind: 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  | Comparison
  | TypeTest;

export const TRUE: Predicate = Object.freeze({ kind: 'true' });
export const FALSE: Predicate = Object.freeze({ kind: 'false' });

/** All of them hold; simplified. */
export function and(...parts: readonly Predicate[]): Predicate {
  return join('and', parts, TRUE, FALSE);
}

/** At least one of them holds; simplified. */
export function or(...parts: readonly Predicate[]): Predicate {
  return join('or', parts, FALSE, TRUE);
}

/** It does not hold; simplified. */
export function not(part: Predicate): Predicate {
  if (part.kind === 'true') return FALSE;
  if (part.kind === 'false') return TRUE;
  return part.kind === 'not' ? part.of : { kind: 'not', of: part };
}

/** A field equals a value. */
export function eq(field: FilterableName, value: Operand): Predicate {
  return { kind: 'compare', field, op: 'eq', value };
}

/** A field is one of several values. */
export function oneOf(field: FilterableName, value: readonly Operand[]): Predicate {
  return { kind: 'compare', field, op: 'in', value };
}

/** A field stands in an order to a value. */
export function compared(field: FilterableName, op: 'gt' | 'gte' | 'lt' | 'lte', value: Operand): Predicate {
  return { kind: 'compare', field, op, value };
}

function join(kind: 'and' | 'or', parts: readonly Predicate[], neutral: Predicate, absorbing: Predicate): Predicate {
  const kept: Predicate[] = [];
  for (const part of parts) {
    if (part.kind === absorbing.kind) return absorbing;
    if (part.kind === neutral.kind) continue;
    if (part.kind === kind) kept.push(...part.of);
    else kept.push(part);
  }
  if (kept.length === 0) return neutral;
  return kept.length === 1 ? (kept[0] as Predicate) : { kind, of: kept };
}

/**
 * Evaluates what is already known of every record of a partition (its owner), so that what policy and request alone
 * refuse is refused before any query is sent.
 *
 * @param decide the truth of a comparison that is known beforehand, else undefined
 */
export function specialise(predicate: Predicate, decide: (comparison: Comparison) => boolean | undefined): Predicate {
  switch (predicate.kind) {
    case 'and':
      return and(...predicate.of.map((part) => specialise(part, decide)));
    case 'or':
      return or(...predicate.of.map((part) => specialise(part, decide)));
    case 'not':
      return not(specialise(predicate.of, decide));
    case 'compare': {
      const known = decide(predicate);
      return known === undefined ? predicate : known ? TRUE : FALSE;
    }
    default:
      return predicate;
  }
}

import type { Candidate } from '../model/evaluate.js';
import { FIELDS, FILTERABLE, type FilterableName } from '../model/fields.js';
import { LEVELS } from '../model/levels.js';
import type { Comparison, Predicate } from '../model/predicate.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { compareText } from '../model/text.js';

/** The values that a field takes in the records of a question; undefined: the field is missing. */
export type Values = ReadonlyMap<FilterableName, readonly unknown[]>;

/** Records that stand for all records, where `complete`; else for some of them. */
export interface Sample {
  readonly records: readonly Candidate[];
  readonly complete: boolean;
}

const REQUIRED: ReadonlySet<string> = new Set(FIELDS.filter((field) => field.required).map((field) => field.name));

/** A well-formed record in which nothing is said beside what must be. */
export function plainRecord(at: Date): Record<string, unknown> {
  return {
    id: '00000000-0000-7000-8000-000000000000',
    tenant: DEFAULT_TENANT,
    user_id: 'the-user',
    sensitivity: 'private',
    category: 'general',
    occurred_at: at,
    created_at: at,
    updated_at: at,
    version: 1,
  };
}

/**
 * Values of each field that some predicates compare, such that between them no comparison changes its truth: each
 * constant, and one value in every gap around it (the method of boundary values, carried to completeness). Fields are
 * independent of one another, so the product of these values decides what the predicates mean on every well-formed
 * record.
 */
export function regionsOf(predicates: readonly Predicate[], at: Date): Map<FilterableName, readonly unknown[]> {
  const found = new Map<FilterableName, Comparison[]>();
  for (const comparison of predicates.flatMap(comparisonsOf)) {
    const there = found.get(comparison.field);
    if (there) there.push(comparison);
    else found.set(comparison.field, [comparison]);
  }
  return new Map([...found].map(([field, comparisons]) => [field, valuesOf(field, comparisons, at)]));
}

/** Every comparison in a predicate. */
export function comparisonsOf(predicate: Predicate): readonly Comparison[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(comparisonsOf);
    case 'not':
      return comparisonsOf(predicate.of);
    case 'compare':
      return [predicate];
    default:
      return [];
  }
}

function valuesOf(field: FilterableName, comparisons: readonly Comparison[], at: Date): readonly unknown[] {
  const missing = REQUIRED.has(field) ? [] : [undefined];
  const operands = comparisons.flatMap((one): readonly unknown[] => (one.op === 'exists' ? [] : [one.value].flat()));
  const ordered = comparisons.some(({ op }) => op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte');
  switch (FILTERABLE.get(field)) {
    case 'enum':
      return LEVELS;
    case 'date': {
      const limits = field === 'expires_at' ? [at] : [];
      const moments = [...operands, ...limits].filter((one) => one instanceof Date).map(Number);
      if (moments.length === 0) return [at, ...missing];
      const around = new Set(moments.flatMap((moment) => [moment - 1, moment, moment + 1]));
      return [...[...around].sort((a, b) => a - b).map((moment) => new Date(moment)), ...missing];
    }
    default:
      return [
        ...textValues(
          operands.filter((one) => typeof one === 'string'),
          ordered,
        ),
        ...missing,
      ];
  }
}

function textValues(constants: readonly string[], ordered: boolean): string[] {
  const sorted = [...new Set(constants)].sort(compareText);
  // In the order of bytes nothing stands before the empty string, and nothing between a text and the same with a NUL.
  if (ordered) return ['', ...sorted.flatMap((text) => [text, `${text}\0`])];
  return [...sorted, otherThan(sorted)];
}

/** A text that is none of some texts. */
export function otherThan(texts: readonly unknown[]): string {
  let other = 'another';
  while (texts.includes(other)) other += '-one';
  return other;
}

/** The records of every combination of values, at most `limit` of them. */
export function sampleOf(values: Values, at: Date, limit: number): Sample {
  const axes = [...values];
  const size = axes.reduce((product, [, axis]) => product * axis.length, 1);
  const complete = size <= limit;
  const picks = complete ? Array.from({ length: size }, (_, i) => i) : spread(size, limit);
  return { complete, records: picks.map((pick) => recordOf(axes, pick, at)) };
}

// Too many to look at all: some, from all over the product.
function spread(size: number, limit: number): number[] {
  const picks = new Set<number>();
  for (let i = 0; i < limit; i += 1) picks.add(Math.floor((i * size) / limit) + ((i * 7919) % Math.ceil(size / limit)));
  return [...picks].filter((pick) => pick < size);
}

function recordOf(axes: readonly (readonly [FilterableName, readonly unknown[]])[], pick: number, at: Date): Candidate {
  const record = plainRecord(at);
  let rest = pick;
  for (const [field, axis] of axes) {
    const value = axis[rest % axis.length];
    rest = Math.floor(rest / axis.length);
    if (value === undefined) delete record[field];
    else record[field] = value;
  }
  return record;
}

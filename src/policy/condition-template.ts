import type { FilterableName, FilterType } from '../model/fields.js';
import { isLevel, LEVELS } from '../model/levels.js';
import type { Operand } from '../model/predicate.js';

/** What of a principal a placeholder names. */
export type Placeholder =
  | { readonly kind: 'id' | 'role' | 'user_id' | 'purpose' }
  | { readonly kind: 'attribute'; readonly name: string };

/** An operand before it is bound. */
export type OperandTemplate = { readonly literal: Operand } | { readonly placeholder: Placeholder };

/** A comparison before its placeholders are bound to a principal. */
export type ComparisonTemplate = { readonly field: FilterableName; readonly type: FilterType } & (
  | { readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; readonly operand: OperandTemplate }
  | { readonly op: 'in'; readonly operands: readonly OperandTemplate[] }
  | { readonly op: 'exists'; readonly wanted: boolean }
);

/** Reports what is wrong at a path below the conditions, and what to write instead. */
export type Report = (path: readonly PropertyKey[], code: string, message: string, atKey?: boolean) => void;

const PLACEHOLDER = /^\$\{principal\.(?:(id|role|user_id|purpose)|attributes\.([A-Za-z_][A-Za-z0-9_-]{0,63}))\}$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const RANGES = new Set(['gt', 'gte', 'lt', 'lte']);

/**
 * Checks the conditions of a rule, whose shape is checked already, against the fields that its subject has.
 *
 * @param fields the fields that conditions may name, with their types
 * @param report called for each fault; the result is meaningless if it was called
 */
export function conditionTemplates(
  conditions: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<FilterableName, FilterType>,
  report: Report,
): ComparisonTemplate[] {
  const names = Object.keys(conditions);
  if (names.length === 0) report([], 'empty_conditions', 'leave conditions out to mean every record');
  return names.flatMap((name) => {
    const type = fields.get(name as FilterableName);
    if (type === undefined) {
      const known = fields.size ? `one of ${[...fields.keys()].join(', ')}` : 'no conditions on this subject';
      report([name], 'unknown_field', `write ${known}`, true);
      return [];
    }
    const tests = conditions[name];
    const operators: readonly [string, unknown][] =
      typeof tests === 'object' && tests !== null ? Object.entries(tests) : [['$eq', tests]];
    return operators.flatMap(([operator, operand]) => {
      const path = typeof tests === 'object' && tests !== null ? [name, operator] : [name];
      return template(name as FilterableName, type, operator.slice(1), operand, path, report);
    });
  });
}

function template(
  field: FilterableName,
  type: FilterType,
  op: string,
  operand: unknown,
  path: readonly PropertyKey[],
  report: Report,
): ComparisonTemplate[] {
  if (type === 'enum' && RANGES.has(op)) {
    report(path, 'level_range', `levels have no order of strings; write ${levelsInstead(op, operand)}`, true);
    return [];
  }
  if (op === 'exists') {
    if (type === 'enum') report(path, 'level_exists', 'every record has a level; write $in with the levels meant', true);
    return [{ field, type, op, wanted: operand === true }];
  }
  const one = (value: unknown, at: readonly PropertyKey[]) => operandTemplate(type, value, at, report);
  if (op === 'in') {
    const operands = (operand as readonly unknown[]).flatMap((value, i) => one(value, [...path, i]) ?? []);
    return [{ field, type, op, operands }];
  }
  const bound = one(operand, path);
  return bound ? [{ field, type, op: op as 'eq', operand: bound }] : [];
}

function operandTemplate(
  type: FilterType,
  value: unknown,
  path: readonly PropertyKey[],
  report: Report,
): OperandTemplate | undefined {
  if (typeof value !== 'string') return void report(path, 'operand', 'write a string');
  if (value.includes('${')) {
    const match = PLACEHOLDER.exec(value);
    if (match) return { placeholder: match[2] ? { kind: 'attribute', name: match[2] } : { kind: match[1] as 'id' } };
    return void report(path, 'placeholder', 'write ${principal.user_id}, .id, .role, .purpose or .attributes.NAME, alone');
  }
  if (type === 'enum') {
    if (isLevel(value)) return { literal: value };
    return void report(path, 'level', `write one of ${LEVELS.join(', ')}`);
  }
  if (type === 'date') {
    const date = toDate(value);
    return date ? { literal: date } : void report(path, 'date', 'write a time such as 2026-01-31T00:00:00Z');
  }
  return { literal: value };
}

/** An ISO 8601 time with an offset, or undefined. */
export function toDate(value: string): Date | undefined {
  if (!ISO.test(value)) return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function levelsInstead(op: string, operand: unknown): string {
  const at = LEVELS.findIndex((level) => level === operand);
  if (at < 0) return '{ $in: [public, private] }';
  const levels = LEVELS.filter((_, i) => (op === 'gt' ? i > at : op === 'gte' ? i >= at : op === 'lt' ? i < at : i <= at));
  return `{ $in: [${levels.join(', ')}] }`;
}

import type { FilterableName, FilterType } from '../model/fields.js';
import { isLevel, LEVELS } from '../model/levels.js';
import type { Operand } from '../model/predicate.js';
import { MOMENT_HINT, toMoment } from '../model/moment.js';

/** What of a principal a placeholder names. */
export type Placeholder =
  { readonly kind: 'id' | 'role' | 'user_id' | 'purpose' } | { readonly kind: 'attribute'; readonly name: string };

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
const PLACEHOLDER_HINT = 'write ${principal.user_id}, .id, .role, .purpose or .attributes.NAME, alone';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
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
    if (tests === undefined) return [];
    const operators: readonly [string, unknown][] =
      typeof tests === 'object' && tests !== null ? Object.entries(tests) : [['$eq', tests]];
    if (operators.length === 0)
      report([name], 'empty_conditions', 'write at least one operator, or leave the field out');
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
    report(path, 'level_range', `levels have no order of strings; ${levelsInstead(op, operand)}`, true);
    return [];
  }
  if (op === 'exists') {
    if (type === 'enum')
      report(path, 'level_exists', 'every record has a level; write $in with the levels meant', true);
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
    const [, kind, attribute] = PLACEHOLDER.exec(value) ?? [];
    if (attribute !== undefined) return { placeholder: { kind: 'attribute', name: attribute } };
    if (kind === undefined) return void report(path, 'placeholder', PLACEHOLDER_HINT);
    if (type === 'string') return { placeholder: { kind: kind as 'id' } };
    return void report(
      path,
      'placeholder',
      `write a literal or \${principal.attributes.NAME}; ${kind} is never a ${type === 'enum' ? 'level' : 'time'}`,
    );
  }
  if (type === 'enum') {
    if (isLevel(value)) return { literal: value };
    return void report(path, 'level', `write one of ${LEVELS.join(', ')}`);
  }
  if (type === 'date') {
    const date = toMoment(value);
    return date ? { literal: date } : void report(path, 'date', MOMENT_HINT);
  }
  // What no stored value can equal would deny nothing, and nobody would notice.
  const plain = !INVISIBLE.test(value) && value === value.trim() && !value.startsWith('$');
  return plain ? { literal: value } : void report(path, 'operand', 'write a plain word, without white space around it');
}

function levelsInstead(op: string, operand: unknown): string {
  const at = LEVELS.findIndex((level) => level === operand);
  const meant = (i: number) => (op === 'gt' ? i > at : op === 'gte' ? i >= at : op === 'lt' ? i < at : i <= at);
  const levels = at < 0 ? LEVELS.slice(0, 2) : LEVELS.filter((_, i) => meant(i));
  return levels.length
    ? `write { $in: [${levels.join(', ')}] }`
    : `no level is ${op === 'gt' ? 'above' : 'below'} ${LEVELS[at]}`;
}

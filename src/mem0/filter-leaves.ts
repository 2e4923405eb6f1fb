import type { OpenedTest, Order, Scalar, Where } from '../guard/where.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isList, isPlain } from '../memory/checked.js';
import { MAX_PART } from '../memory/limits.js';
import { isLevel } from '../model/levels.js';
import type { FilterableName } from '../model/fields.js';
import { and, compared, eq, oneOf, type Operand, type Predicate } from '../model/predicate.js';
import { isId, isText } from '../model/text.js';
import { endOf, startOf, timeOf } from './times.js';

/** One condition on one field. */
export type Leaf =
  | Where
  | { readonly kind: 'handles'; readonly of: readonly string[] }
  /** On an agent, an app or a run. */
  | { readonly kind: 'entity'; readonly of: Where };

/** An operator of mem0's with its operand; a bare value is an equality. */
interface Operation {
  readonly op: 'eq' | 'ne' | 'in' | Order | 'contains' | 'icontains';
  readonly value: unknown;
}

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'contains', 'icontains']);
const ORDERS: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte']);
const ENTITIES: Readonly<Record<string, FilterableName>> = {
  agent_id: 'agent_id',
  app_id: 'app_id',
  run_id: 'session_id',
};
const MAX_LIST = 1_000;
const MAX_OPERATIONS = 8;
/** The most conditions of one filter: each is tested on every memory that is looked at. */
const MAX_LEAVES = 32;
/** The longest part of a text that is looked for: looking for it may take as long as both lengths multiplied. */

/** @throws MemwardenError invalid_argument */
export function leafOf(key: string, operand: unknown, place: string): Leaf {
  const entity = Object.hasOwn(ENTITIES, key) ? ENTITIES[key] : undefined;
  if (entity) return { kind: 'entity', of: every(operand, place, (one) => words(entity, one, isEntity, place)) };
  switch (key) {
    case 'created_at':
    case 'timestamp':
      return every(operand, place, (one) => moments(one, place));
    case 'updated_at':
      return every(operand, place, (one) => updates(one, place));
    case 'expiration_date':
      return every(operand, place, (one) => days(one, place));
    case 'categories':
      return every(isList(operand) ? { in: operand } : operand, place, (one) => categories(one, place));
    case 'keywords':
    case 'text':
      return every(operand, place, (one) => texts('content', one, place));
    case 'metadata':
      return metadata(operand, place);
    case 'memory_ids':
      return { kind: 'handles', of: handles(operand, place) };
    default:
      throw malformed(place);
  }
}

/** The conditions on keys of metadata, all of which must hold. @throws MemwardenError invalid_argument */
export function metadata(value: unknown, place: string): Where {
  if (!isPlain(value)) throw malformed(place);
  const of = Object.entries(value).map(([key, operand]): Where => {
    // A key with a dollar is taken for an operator of a database that was meant to be one.
    if (!isText(key) || key === '' || key.startsWith('$')) throw malformed(place);
    // The level is a field of its own, whatever is written in the metadata.
    if (key === 'sensitivity') return every(operand, place, (one) => words('sensitivity', one, isLevel, place));
    return every(operand, place, (one) => ofMetadata(key, one, place));
  });
  return { kind: 'all', of };
}

/** How many conditions there are on a field, each key of metadata counted. */
export function leavesIn(key: string, operand: unknown): number {
  if (!isPlain(operand)) return 1;
  if (key !== 'metadata') return Object.keys(operand).length;
  return Object.values(operand).reduce<number>((sum, one) => sum + leavesIn('', one), 0);
}

/** @throws MemwardenError invalid_argument where a filter has more conditions than are tested */
export function checkLeaves(count: number, place: string): void {
  if (count > MAX_LEAVES)
    throw new MemwardenError('invalid_argument', { argument: place, allowed: `at most ${MAX_LEAVES} conditions` });
}

/** Whether a value is a part of a text that may be looked for. */
export function isPart(value: unknown): value is string {
  return isText(value) && value !== '' && value.length <= MAX_PART;
}

export function malformed(argument: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument });
}

function every(operand: unknown, place: string, toWhere: (one: Operation) => Where): Where {
  return { kind: 'all', of: operations(operand, place).map(toWhere) };
}

function operations(operand: unknown, place: string): readonly Operation[] {
  if (isList(operand)) throw malformed(place);
  if (!isPlain(operand)) return [{ op: 'eq', value: operand }];
  const entries = Object.entries(operand);
  if (entries.length === 0 || entries.length > MAX_OPERATIONS) throw malformed(place);
  return entries.map(([op, value]) => {
    if (!OPERATORS.has(op)) throw malformed(place);
    return { op: op as Operation['op'], value };
  });
}

function none(of: Where): Where {
  return { kind: 'none', of };
}

function clear(of: Predicate): Where {
  return { kind: 'clear', of };
}

function isEntity(value: unknown): value is string {
  return isId(value) && value !== '*';
}

function words(field: FilterableName, one: Operation, fits: (value: unknown) => value is string, place: string): Where {
  return equality(
    one,
    place,
    (value) => (fits(value) ? value : undefined),
    (values) => clear(amongst(field, values)),
  );
}

function amongst(field: FilterableName, values: readonly Operand[]): Predicate {
  const [only] = values;
  return values.length === 1 && only !== undefined ? eq(field, only) : oneOf(field, values);
}

function equality<T>(
  { op, value }: Operation,
  place: string,
  read: (value: unknown) => T | undefined,
  where: (values: readonly T[]) => Where,
): Where {
  if (op !== 'eq' && op !== 'ne' && op !== 'in') throw malformed(place);
  const given = op === 'in' ? list(value, place) : [value];
  const values = given.map((one) => {
    const found = read(one);
    if (found === undefined) throw malformed(place);
    return found;
  });
  return op === 'ne' ? none(where(values)) : where(values);
}

function list(value: unknown, place: string): readonly unknown[] {
  if (!isList(value) || value.length === 0 || value.length > MAX_LIST) throw malformed(place);
  return value;
}

function isOrder(op: string): op is Order {
  return ORDERS.has(op);
}

function moments(one: Operation, place: string): Where {
  if (!isOrder(one.op)) return equality(one, place, timeOf, (values) => clear(amongst('occurred_at', values)));
  return clear(compared('occurred_at', one.op, time(one.value, place)));
}

function updates(one: Operation, place: string): Where {
  const test = (op: 'eq' | Order, value: Date): OpenedTest => ({ kind: 'time', op, value });
  if (isOrder(one.op)) return test(one.op, time(one.value, place));
  const among = (values: readonly Date[]): Where => ({ kind: 'any', of: values.map((value) => test('eq', value)) });
  return equality(one, place, timeOf, among);
}

function time(value: unknown, place: string): Date {
  const found = timeOf(value);
  if (!found) throw malformed(place);
  return found;
}

// What is gone from a midnight on has the day before it as its last.
function days(one: Operation, place: string): Where {
  const day = (value: unknown) => {
    const start = startOf(value);
    const end = endOf(value);
    return start && end ? { start, end } : undefined;
  };
  const on = ({ start, end }: { start: Date; end: Date }) =>
    clear(and(compared('expires_at', 'gt', start), compared('expires_at', 'lte', end)));
  if (!isOrder(one.op)) return equality(one, place, day, (values) => ({ kind: 'any', of: values.map(on) }));
  const found = day(one.value);
  if (!found) throw malformed(place);
  const { start, end } = found;
  if (one.op === 'gte') return clear(compared('expires_at', 'gt', start));
  if (one.op === 'gt') return clear(compared('expires_at', 'gt', end));
  return clear(compared('expires_at', 'lte', one.op === 'lt' ? start : end));
}

function categories(one: Operation, place: string): Where {
  if (one.op === 'contains' || one.op === 'icontains') return texts('category', { ...one, op: 'icontains' }, place);
  return words('category', one, isId, place);
}

function texts(field: 'content' | 'category', { op, value }: Operation, place: string): Where {
  // A bare word is looked for anywhere in the text, as mem0 does.
  const folded = op === 'icontains' || op === 'eq';
  if ((op !== 'contains' && !folded) || !isPart(value)) throw malformed(place);
  return { kind: 'text', field, value, folded };
}

function ofMetadata(key: string, { op, value }: Operation, place: string): Where {
  const test = (by: Extract<OpenedTest, { kind: 'metadata' }>['op'], of: unknown): Where => {
    const isSought = by === 'contains' || by === 'icontains';
    if (!isScalar(of) || (isSought && isText(of) && of.length > MAX_PART)) throw malformed(place);
    return { kind: 'metadata', key, op: by, value: of };
  };
  if (op === 'in') return { kind: 'any', of: list(value, place).map((one) => test('eq', one)) };
  return op === 'ne' ? none(test('eq', value)) : test(op, value);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'boolean' || Number.isFinite(value) || isText(value);
}

function handles(operand: unknown, place: string): readonly string[] {
  const given = isPlain(operand) && Object.keys(operand).join() === 'in' ? (operand as { in: unknown }).in : operand;
  const ids = list(given, place);
  if (!ids.every((id): id is string => isText(id) && id !== '')) throw malformed(place);
  return ids;
}

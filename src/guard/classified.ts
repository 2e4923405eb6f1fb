import { MemwardenError } from '../errors/memwarden-error.js';
import { isRuleId, overruled, type Classification, type ClassifiedText } from '../model/classifier.js';
import { SEALED, type FieldName, type MemoryRecord, type OpenFields } from '../model/fields.js';
import { isLevel, rank } from '../model/levels.js';
import type { GuardContext } from './context.js';
import { Slices } from './slices.js';

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * A record at the level that its text asks for, where that is above the one that it has. It never falls. The caller
 * was decided on at the level that it asked for: a raise needs no right of it and is not held against its maximum.
 *
 * @param record decided on, its sealed fields still to be sealed
 * @param slices those of the work that this is a part of
 * @throws MemwardenError classifier_failed where the classifier throws, is late or answers nonsense
 */
export async function raised(
  context: GuardContext,
  record: MemoryRecord,
  text: ClassifiedText,
  slices?: Slices,
): Promise<MemoryRecord> {
  const found = await classification(context, text, slices);
  if (!found || rank(found.level) <= rank(record.sensitivity)) return record;
  return { ...record, sensitivity: found.level, classified_by: found.ruleId };
}

/**
 * A changed record at the level that its text asks for. Only a change of the text is classified. Who lowers a level that
 * a rule had raised says that the rule was wrong.
 *
 * @param asked the record after the change, decided on
 * @param text what of it the caller gives or may read
 * @throws MemwardenError classifier_failed
 */
export async function leveled(
  context: GuardContext,
  current: MemoryRecord,
  asked: MemoryRecord,
  changed: readonly FieldName[],
  text: ClassifiedText,
): Promise<MemoryRecord> {
  const by = current.classified_by;
  const falls = rank(asked.sensitivity) < rank(current.sensitivity);
  const next = falls && by !== undefined ? { ...asked, classified_by: overruled(by) } : asked;
  return SEALED.some((name) => changed.includes(name)) ? raised(context, next, text) : next;
}

/**
 * What the classifier says of a text, checked.
 *
 * @throws MemwardenError classifier_failed
 */
export async function classification(
  { classify, classifyTimeoutMs }: GuardContext,
  text: ClassifiedText,
  slices = new Slices(),
): Promise<Classification | undefined> {
  if (!classify) return undefined;
  let answer: unknown;
  try {
    answer = 'steps' in classify ? await slices.through(classify.steps(text)) : classify(text);
    if (isThenable(answer)) answer = await inTime(answer, classifyTimeoutMs ?? DEFAULT_TIMEOUT_MS);
    if (answer === undefined) return undefined;
    // Each part is read once: what is stored is what was checked.
    const { level, ruleId } = Object(answer) as Readonly<Record<string, unknown>>;
    if (isLevel(level) && isRuleId(ruleId)) return { level, ruleId };
  } catch (error) {
    // The cause may quote the text.
    throw new MemwardenError('classifier_failed', { reason: error === LATE ? 'late' : 'threw' });
  }
  throw new MemwardenError('classifier_failed', { reason: 'nonsense' });
}

/**
 * Does something that asks the classifier for each of some things, in their order, and lets the event loop run in
 * between. A function of the host may wait for others: it is asked for all of them before the first has answered.
 *
 * @returns what was made of each
 */
export async function inTurn<T, U>(
  { classify }: GuardContext,
  items: readonly T[],
  act: (item: T, at: number, slices: Slices) => Promise<U>,
): Promise<U[]> {
  const isStepped = classify !== undefined && 'steps' in classify;
  const slices = new Slices();
  const done: Promise<U>[] = [];
  for (const [at, item] of items.entries()) {
    const one = act(item, at, slices);
    // It is waited for below; until then its failure is not one that nobody looks at.
    one.catch(() => undefined);
    done.push(one);
    if (isStepped) await one;
    const turn = slices.turn();
    if (turn) await turn;
  }
  return Promise.all(done);
}

/**
 * What a change gives the classifier: the opened fields after it that the caller gives or may read. A hidden one takes
 * no part, so that the level does not tell of it (S7).
 */
export function textShown(open: OpenFields, isShown: (field: FieldName) => boolean): ClassifiedText {
  const shown = Object.fromEntries(
    SEALED.filter((name) => open[name] !== undefined && isShown(name)).map((name) => [name, open[name]]),
  );
  return { content: '', ...shown };
}

const LATE = Symbol('late');

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

async function inTime(answer: PromiseLike<unknown>, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a mark that no classifier can throw
    timer = setTimeout(() => reject(LATE), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

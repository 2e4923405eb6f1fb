import type { FieldName, MemoryRecord } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import type { Memory } from '../model/memory.js';
import { compared, eq, oneOf, type Predicate } from '../model/predicate.js';
import { fold } from './fold.js';
import { compileWhere, type CompiledWhere, type Where } from './where.js';

/** What a caller may narrow a list, a count or a deletion by. All that is given must hold. */
export interface MemoryFilter {
  readonly category?: string;
  readonly level?: Level | readonly Level[];
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  /** Occurred at or after this moment. */
  readonly from?: Date;
  /** Occurred before this moment. */
  readonly to?: Date;
  /** A case-folded substring of the content. */
  readonly keyword?: string;
  readonly id?: string | readonly string[];
  /** Expires at or after this moment. */
  readonly expiresFrom?: Date;
  /** Expires before this moment. */
  readonly expiresTo?: Date;
  /** The speaker, as the name is written. */
  readonly speaker?: string;
  /** Keys of the metadata with the values that they must have. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A checked filter as the guard uses it. */
export interface CompiledFilter {
  readonly predicates: readonly Predicate[];
  /** The fields that it uses (S7). */
  readonly fields: readonly FieldName[];
  /** Folded; tested on permitted, opened records only. */
  readonly keyword?: string;
  /** Tested on permitted, opened records only. */
  readonly speaker?: string;
  readonly metadata?: NonNullable<MemoryFilter['metadata']>;
  /** Tested on permitted, opened records only. */
  readonly test?: NonNullable<CompiledWhere['test']>;
  /** Names the filter in a cursor. */
  readonly key: string;
}

/** Translates a checked filter. */
export function compileFilter(filter: MemoryFilter): CompiledFilter {
  const predicates: Predicate[] = [];
  const fields: FieldName[] = [];
  const add = (field: FieldName, predicate: Predicate) => {
    fields.push(field);
    predicates.push(predicate);
  };
  if (filter.category !== undefined) add('category', eq('category', filter.category));
  if (filter.level !== undefined) add('sensitivity', oneOf('sensitivity', [filter.level].flat()));
  if (filter.agentId !== undefined) add('agent_id', eq('agent_id', filter.agentId));
  if (filter.appId !== undefined) add('app_id', eq('app_id', filter.appId));
  if (filter.sessionId !== undefined) add('session_id', eq('session_id', filter.sessionId));
  if (filter.from !== undefined) add('occurred_at', compared('occurred_at', 'gte', filter.from));
  if (filter.to !== undefined) add('occurred_at', compared('occurred_at', 'lt', filter.to));
  if (filter.id !== undefined) add('id', oneOf('id', [filter.id].flat()));
  if (filter.expiresFrom !== undefined) add('expires_at', compared('expires_at', 'gte', filter.expiresFrom));
  if (filter.expiresTo !== undefined) add('expires_at', compared('expires_at', 'lt', filter.expiresTo));
  const keyword = filter.keyword === undefined ? undefined : fold(filter.keyword);
  if (keyword !== undefined) fields.push('content');
  const { speaker, metadata } = filter;
  if (speaker !== undefined) fields.push('speaker');
  if (metadata !== undefined) fields.push('metadata');
  const key = JSON.stringify([predicates, keyword ?? null, speaker ?? null, metadata ?? null]);
  return {
    predicates,
    fields,
    key,
    ...(keyword === undefined ? {} : { keyword }),
    ...(speaker === undefined ? {} : { speaker }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Translates a checked condition with AND, OR and NOT. */
export function compileCondition(where: Where): CompiledFilter {
  const { predicate, ...rest } = compileWhere(where);
  return { predicates: [predicate], ...rest, key: JSON.stringify(['where', where]) };
}

/** Whether a filter asks of what no query can: then each record is opened and tested. */
export function isOpened({ keyword, speaker, metadata, test }: CompiledFilter): boolean {
  return keyword !== undefined || speaker !== undefined || metadata !== undefined || test !== undefined;
}

/** Whether an opened memory passes what of a filter no query can ask. */
export function passes(
  { keyword, speaker, metadata, test }: CompiledFilter,
  memory: Pick<Memory, 'content' | 'speaker' | 'metadata'>,
  record: Readonly<MemoryRecord>,
): boolean {
  if (test && !test(record, memory)) return false;
  if (keyword !== undefined && !fold(memory.content ?? '').includes(keyword)) return false;
  if (speaker !== undefined && memory.speaker !== speaker) return false;
  const has = memory.metadata ?? {};
  return Object.entries(metadata ?? {}).every(([name, value]) => Object.hasOwn(has, name) && has[name] === value);
}

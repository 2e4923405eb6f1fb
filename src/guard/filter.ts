import type { FieldName } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import { compared, eq, oneOf, type Predicate } from '../model/predicate.js';

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
}

/** A checked filter as the guard uses it. */
export interface CompiledFilter {
  readonly predicates: readonly Predicate[];
  /** The fields that it uses (S7). */
  readonly fields: readonly FieldName[];
  /** Folded; tested on permitted, opened records only. */
  readonly keyword?: string;
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
  const keyword = filter.keyword === undefined ? undefined : fold(filter.keyword);
  if (keyword !== undefined) fields.push('content');
  const key = JSON.stringify([predicates, keyword ?? null]);
  return { predicates, fields, key, ...(keyword === undefined ? {} : { keyword }) };
}

/** Folds case, so that a keyword finds its word however it is written. */
export function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

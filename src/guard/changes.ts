import type { Passage } from '../model/embedder.js';
import type { Embedding } from '../model/embedding.js';
import { FIELDS, SEALED, type FieldName, type MemoryRecord, type OpenFields } from '../model/fields.js';
import type { Level } from '../model/levels.js';

/** A memory to be, checked; the guard adds level, times and version where they are missing. */
export interface Draft extends Omit<OpenFields, 'vector'> {
  readonly id: string;
  readonly content: string;
  readonly sensitivity?: Level;
  readonly category: string;
  readonly agent_id?: string;
  readonly app_id?: string;
  readonly session_id?: string;
  readonly occurred_at?: Date;
  readonly expires_at?: Date;
}

/** What to change; null takes an optional field away. Checked. */
export interface Changes {
  readonly content?: string;
  readonly metadata?: OpenFields['metadata'] | null;
  readonly speaker?: string | null;
  readonly sensitivity?: Level;
  readonly category?: string;
  readonly agent_id?: string | null;
  readonly app_id?: string | null;
  readonly session_id?: string | null;
  readonly occurred_at?: Date;
  readonly expires_at?: Date | null;
}

/** The writable fields that a draft or a change names. */
export function namedIn(given: object): FieldName[] {
  return FIELDS.filter((field) => field.writable && (given as Record<string, unknown>)[field.name] !== undefined).map(
    (field) => field.name,
  );
}

/** What an update compares with what is stored, so that its outcome tells of it (S7). */
export function usedBy(fields: readonly FieldName[], ifVersion: number | undefined): FieldName[] {
  const compared = fields.filter((name) => name === 'sensitivity' || name === 'expires_at');
  return ifVersion === undefined ? compared : [...compared, 'version'];
}

/** What differs. A field that may not be read counts as changed: whether its value was the same shows in nothing. */
export function changedFields(
  current: MemoryRecord,
  open: OpenFields,
  changes: Changes,
  readable: (field: FieldName) => boolean,
): FieldName[] {
  return namedIn(changes).filter((name) => {
    if (!readable(name)) return true;
    const wanted = changes[name as keyof Changes];
    const there = name === 'content' || name === 'metadata' || name === 'speaker' ? open[name] : current[name];
    return comparable(wanted) !== comparable(there);
  });
}

function comparable(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  return value instanceof Date ? value.getTime() : typeof value === 'object' ? JSON.stringify(value) : value;
}

/** The record after the changes, its sealed fields still to be sealed. */
export function merge(current: MemoryRecord, changes: Changes, changed: readonly FieldName[], now: Date): MemoryRecord {
  const next: Record<string, unknown> = { ...current };
  for (const name of changed) {
    const value = changes[name as keyof Changes];
    if (value === null) delete next[name];
    else next[name] = value;
  }
  for (const name of SEALED) delete next[name];
  next['updated_at'] = now < current.updated_at ? current.updated_at : now;
  next['version'] = current.version + 1;
  return next as unknown as MemoryRecord;
}

const GIVEN = ['content', 'metadata', 'speaker'] as const;

/** The opened fields after the changes; where the content is another one, without its vector. */
export function mergeOpen(open: OpenFields, changes: Changes): OpenFields {
  const next: Record<string, unknown> = { ...open };
  for (const name of GIVEN) {
    const value = changes[name];
    if (value === null) delete next[name];
    else if (value !== undefined) next[name] = value;
  }
  // It is of the content as it was.
  if (next['content'] !== open.content) delete next['vector'];
  return next;
}

/** Whether a change moves an expiry later or removes it. */
export function livesLonger(current: MemoryRecord, next: MemoryRecord): boolean {
  if (current.expires_at === undefined) return false;
  return next.expires_at === undefined || next.expires_at > current.expires_at;
}

/** Whether a change sets an expiry or brings it forward. */
export function livesShorter(current: MemoryRecord, next: MemoryRecord): boolean {
  if (next.expires_at === undefined) return false;
  return current.expires_at === undefined || next.expires_at < current.expires_at;
}

/** What an embedder is asked of a record. */
export function passageOf(content: string | undefined, { sensitivity }: MemoryRecord): Passage {
  return { content: content ?? '', level: sensitivity };
}

/** Opened fields with a vector, where there is one. */
export function withVector(fields: OpenFields, vector: Embedding | undefined): OpenFields {
  return vector ? { ...fields, vector } : fields;
}

import { FIELDS, type FieldName, type Json, type MemoryRecord, type OpenFields } from './fields.js';
import type { Level } from './levels.js';
import { spaceIdOf } from './space.js';

/**
 * A memory as it is released. Fields that the policy withholds are absent; only `id` and `userId` are always there.
 * An answer to a change that lifts a memory above what its author may read carries `id`, `userId` and `level` alone.
 */
export interface Memory {
  readonly id: string;
  readonly userId: string;
  readonly level?: Level;
  readonly category?: string;
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  readonly occurredAt?: Date;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
  readonly expiresAt?: Date;
  readonly version?: number;
  /** The rule that raised the level by itself; `overruled:` before it where somebody lowered the level again. */
  readonly classifiedBy?: string;
  readonly content?: string;
  readonly metadata?: { readonly [key: string]: Json };
  readonly speaker?: string;
}

/** A memory of a shared space as it is released: the space in the place of the owner. */
export interface SharedMemory extends Omit<Memory, 'userId'> {
  readonly space: string;
}

/** One change of a memory, numbered by its place among the entries that the caller may see. */
export interface HistoryEntry<M = Memory> {
  readonly n: number;
  readonly event: 'create' | 'update' | 'delete';
  readonly at: Date;
  /** Absent for `create`. */
  readonly before?: M;
  /** Absent for `delete`. */
  readonly after?: M;
}

/**
 * Puts a released memory together.
 *
 * @param record the full record
 * @param open its opened sealed fields, only those that are permitted
 * @param permitted whether a field may be released
 */
export function toMemory(
  record: Readonly<MemoryRecord>,
  open: OpenFields,
  permitted: (field: FieldName) => boolean,
): Memory {
  const memory: Record<string, unknown> = {};
  for (const { name, property, sealed, released } of FIELDS) {
    if (!released) continue;
    const value: unknown = sealed ? open[name] : record[name];
    if (value !== undefined && permitted(name)) memory[property] = value;
  }
  const space = spaceIdOf(record.user_id);
  if (space !== undefined) {
    delete memory['userId'];
    memory['space'] = space;
  }
  return memory as unknown as Memory;
}

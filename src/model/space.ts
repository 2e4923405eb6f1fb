import { MemwardenError } from '../errors/memwarden-error.js';
import { isId } from './text.js';

/** What a policy calls the memories of a partition. */
export type MemorySubject = 'Memory' | 'SharedMemory';

// A private-use character, which no id may hold (S3): no user's name is ever that of a space, nor the other way round.
const MARK = '\u{e000}';
const KIND = `${MARK}space:`;

/**
 * Checks the id of a shared space.
 *
 * @throws MemwardenError invalid_argument
 */
export function toSpaceId(value: unknown): string {
  if (!isId(value)) throw new MemwardenError('invalid_argument', { argument: 'space' });
  return value;
}

/** The name of a space where a partition has its user's: in keys, rows and the log. */
export function spaceOwner(spaceId: string): string {
  return KIND + spaceId;
}

/** The id of the space whose name this is; undefined where it is a user's. */
export function spaceIdOf(owner: string): string | undefined {
  return owner.startsWith(KIND) ? owner.slice(KIND.length) : undefined;
}

/** Whether a partition is a space's. What is no text is nobody's. */
export function isSpace({ userId }: { readonly userId: unknown }): boolean {
  return typeof userId === 'string' && userId.startsWith(KIND);
}

/** What policies call the memories of an owner. */
export function subjectOf(owner: string): MemorySubject {
  return owner.startsWith(KIND) ? 'SharedMemory' : 'Memory';
}

/** Whose the access list of a space is: the space's, and yet no memory of it. */
export function listOwner(owner: string): string {
  return `${owner}${MARK}list`;
}

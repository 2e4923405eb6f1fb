import type { FastifyReply, FastifyRequest } from 'fastify';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import type { Memory } from '../../model/memory.js';

const ONE_TAG = /^"([1-9]\d{0,14})"$/;

/** What `If-Match` says, for descriptions. */
export const IF_MATCH = { 'If-Match': 'The ETag of the version that the change is meant for, or *.' };

/**
 * The version that `If-Match` names; undefined where it names none, or any.
 *
 * @throws MemwardenError invalid_argument for what is no ETag of a memory
 */
export function ifMatchOf({ headers }: FastifyRequest): number | undefined {
  const given = headers['if-match'];
  if (given === undefined || given.trim() === '*') return undefined;
  const [, version] = ONE_TAG.exec(given.trim()) ?? [];
  if (version === undefined) throw new MemwardenError('invalid_argument', { argument: 'If-Match' });
  return Number(version);
}

/** A change that `If-Match` may refuse: the record is found, and may be changed, before its version counts (S9). */
export async function underVersion<T>(version: number | undefined, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (version !== undefined && isMemwardenError(error, 'conflict')) throw new MemwardenError('precondition_failed');
    throw error;
  }
}

/** Names the version of the memory that is answered with, where the policy lets the caller see it. */
export function tagged<M extends Pick<Memory, 'version'>>(reply: FastifyReply, memory: M): M {
  if (memory.version !== undefined) void reply.header('etag', `"${memory.version}"`);
  return memory;
}

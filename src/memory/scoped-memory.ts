import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import type { Guard } from '../guard/guard.js';
import type { Clock } from '../model/clock.js';
import type { Memory, SharedMemory } from '../model/memory.js';
import { MemoryHandle, toId } from './handle.js';
import { toReference, type SharedReference } from './reference.js';

export type { Explainable } from './handle.js';

/** The memories of one user, as one principal may see and change them. */
export class ScopedMemory extends MemoryHandle<Memory> {
  readonly #guard: Guard;
  readonly #access: Access;

  /** Made by `warden.scope()`. */
  constructor(guard: Guard, access: Access, clock: Clock) {
    super(guard, access, clock);
    this.#guard = guard;
    this.#access = access;
    Object.freeze(this);
  }

  /** The user whose memories these are. */
  get userId(): string {
    return this.#access.partition.userId;
  }

  /**
   * Copies a memory into a shared space: the only way out of a user's partition into one. It takes `share` here, and
   * `create` and write access there, and is on record on both sides.
   *
   * @param spaceId the id of the space
   * @returns the copy, or what of it the principal may read
   * @throws MemwardenError not_found where either side has not what it takes; invalid_argument
   */
  async share(id: string, spaceId: string): Promise<SharedMemory> {
    const { principal, origin } = this.#access;
    const space = this.#guard.space(principal, spaceId, origin);
    return (await this.#guard.share(this.#access, toId(id), space)) as unknown as SharedMemory;
  }

  /**
   * The shared memory that a private one refers to with `metadata.shared`, as the principal may read it now.
   *
   * @param from a memory, or the reference itself
   * @returns null where there is no reference, none is a member any more, or nothing stands there: always the same
   * @throws MemwardenError invalid_argument for what is neither; the `store_*` errors
   */
  async resolve(from: Memory | SharedReference): Promise<SharedMemory | null> {
    const reference = toReference(from);
    if (!reference) return null;
    const { principal, origin } = this.#access;
    try {
      const space = this.#guard.space(principal, reference.space, origin);
      return (await this.#guard.get(space, reference.id)) as unknown as SharedMemory | null;
    } catch (error) {
      if (isMemwardenError(error, 'forbidden')) return null;
      throw error;
    }
  }
}

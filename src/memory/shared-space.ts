import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import type { Guard } from '../guard/guard.js';
import type { Clock } from '../model/clock.js';
import type { SharedMemory } from '../model/memory.js';
import {
  isSameMember,
  MAX_MEMBERS,
  type AccessList,
  type OnErase,
  type SpaceAccess,
  type SpaceEntry,
  type SpaceMember,
} from '../model/space-list.js';
import { spaceIdOf } from '../model/space.js';
import { isText } from '../model/text.js';
import { checked, name } from './checked.js';
import { MemoryHandle } from './handle.js';

/** How a space is made. */
export interface NewSpace {
  readonly members?: readonly SpaceEntry[];
  /** What becomes of what a member wrote when the member is erased. It is declared once and stays. */
  readonly onErase: OnErase;
}

/** A space as those who may grant see it. */
export interface SpaceMembers {
  readonly members: readonly SpaceEntry[];
  readonly onErase: OnErase;
}

const access = z.enum(['read', 'write']);
const value = z.union([z.custom<string>((given) => isText(given) && given !== ''), z.number(), z.boolean()]);
const memberSchema = z.union([z.strictObject({ user: name }), z.strictObject({ attribute: name, value })]);
const entrySchema = z.union([
  z.strictObject({ user: name, access }),
  z.strictObject({ attribute: name, value, access }),
]);
const grantSchema = z.strictObject({ member: memberSchema, access });
const revokeSchema = z.strictObject({ member: memberSchema });
const spaceSchema = z.strictObject({
  members: z.array(entrySchema).max(MAX_MEMBERS).optional(),
  onErase: z.enum(['remove', 'keep']),
});

/**
 * The memories of a shared space, as one principal may see and change them: what the policies allow on SharedMemory and
 * the access list of the space lets through. Who is no member finds what somebody finds who names a space that is not
 * there: nothing. The list is read at each call, so that a revocation is in force at the next one in every process.
 */
export class SharedSpace extends MemoryHandle<SharedMemory> {
  readonly #guard: Guard;
  readonly #access: Access;

  /** Made by `warden.space()`. */
  constructor(guard: Guard, access: Access, clock: Clock) {
    super(guard, access, clock);
    this.#guard = guard;
    this.#access = access;
    Object.freeze(this);
  }

  /** The id of the space. */
  get id(): string {
    return spaceIdOf(this.#access.partition.userId) ?? '';
  }

  /**
   * Makes the space. Like every change of its list it takes `grant` on SharedMemory.
   *
   * @throws MemwardenError space_exists where there is one of this id; invalid_argument
   */
  async create(space: NewSpace): Promise<void> {
    const { members = [], onErase } = checked(spaceSchema, space, 'space');
    const list: AccessList = { v: 1, onErase, members: members.reduce<SpaceEntry[]>(granted, []), authors: {} };
    await this.#guard.createSpace(this.#access, list);
  }

  /**
   * Lets a member in, or changes what it may do.
   *
   * @throws MemwardenError not_found where there is no such space; invalid_argument
   */
  async grant(member: SpaceMember, access: SpaceAccess): Promise<void> {
    const given = checked(grantSchema, { member, access }, 'grant');
    const entry = { ...given.member, access: given.access } as SpaceEntry;
    await this.#guard.changeSpace(this.#access, 'space.grant', (list) => {
      const members = granted(list.members, entry);
      if (members.length > MAX_MEMBERS) throw new MemwardenError('invalid_argument', { argument: 'members' });
      return { ...list, members };
    });
  }

  /**
   * Takes a member from the list. When this resolves it is in force in every process; nothing that the member was about
   * to write lands after it. Who is a member by another entry as well stays one.
   *
   * @throws MemwardenError not_found where there is no such space; invalid_argument
   */
  async revoke(member: SpaceMember): Promise<void> {
    const { member: who } = checked(revokeSchema, { member }, 'revoke');
    await this.#guard.changeSpace(this.#access, 'space.revoke', (list) => {
      const members = list.members.filter((entry) => !isSameMember(entry, who));
      return members.length === list.members.length ? list : { ...list, members };
    });
  }

  /** Who is on the list, and the rule of the space. @throws MemwardenError not_found where there is no such space */
  async members(): Promise<SpaceMembers> {
    const { members, onErase } = await this.#guard.spaceList(this.#access);
    return { members, onErase };
  }
}

function granted(members: readonly SpaceEntry[], entry: SpaceEntry): SpaceEntry[] {
  return [...members.filter((one) => !isSameMember(one, entry)), entry];
}

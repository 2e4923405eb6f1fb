import { MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord } from './fields.js';
import type { Partition } from './partition.js';
import type { Attribute, Principal } from './principal.js';
import { listOwner } from './space.js';

/** What a member may do as far as the list goes; policies must allow it as well. */
export type SpaceAccess = 'read' | 'write';

/** Who is a member: the user that a principal acts for, or everybody with a value of an attribute. */
export type SpaceMember = { readonly user: string } | { readonly attribute: string; readonly value: Attribute };

/** A member with what it may do. */
export type SpaceEntry = SpaceMember & { readonly access: SpaceAccess };

/** What becomes of the memories that a member wrote when that member is erased. */
export type OnErase = 'remove' | 'keep';

/** Who wrote something, by the random name that the memories carry. */
export interface Author {
  readonly user: string;
  /** Set while the user is being erased: nothing is written under that name any more. */
  readonly leaving?: true;
}

/** The access list of a space. It is stored sealed under the key of the space. */
export interface AccessList {
  readonly v: 1;
  readonly onErase: OnErase;
  readonly members: readonly SpaceEntry[];
  readonly authors: Readonly<Record<string, Author>>;
}

/** The most entries that a list may have. */
export const MAX_MEMBERS = 1_000;

// What a space that keeps calls an author has no such mark.
const OWN = 'own:';

/** The name of an author of a space that removes: it names the secret that what the author writes is sealed with. */
export function ownName(secretId: string): string {
  return OWN + secretId;
}

/** The id of the secret that an author's memories are sealed with; undefined where they are under the space's key alone. */
export function secretIdOf(author: unknown): string | undefined {
  return typeof author === 'string' && author.startsWith(OWN) ? author.slice(OWN.length) : undefined;
}

/** What tombstones call an author. */
export function authorIdOf(name: string): string {
  return secretIdOf(name) ?? name;
}

/** The id of a list's record; the id of no memory, for it is no UUID. */
export const LIST_ID = 'access-list';

/** What a list says of a principal; undefined where it is no member. */
export function accessOf(list: AccessList, principal: Principal): SpaceAccess | undefined {
  let found: SpaceAccess | undefined;
  for (const entry of list.members) {
    if (!isOf(entry, principal)) continue;
    if (entry.access === 'write') return 'write';
    found = 'read';
  }
  return found;
}

/** Whether two members are the same. */
export function isSameMember(one: SpaceMember, other: SpaceMember): boolean {
  if ('user' in one) return 'user' in other && one.user === other.user;
  return 'attribute' in other && one.attribute === other.attribute && one.value === other.value;
}

/** The name under which a user writes in a space; undefined where it has none, or one that is going. */
export function authorOf(list: AccessList, userId: string): string | undefined {
  return Object.keys(list.authors).find((name) => {
    const author = list.authors[name];
    return author?.user === userId && !author.leaving;
  });
}

/** Every name under which a user has written in a space. */
export function namesOf({ authors }: AccessList, userId: string): string[] {
  return Object.keys(authors).filter((name) => authors[name]?.user === userId);
}

/** A list without an author, and without that user's entry: somebody who was erased. */
export function withoutAuthor(list: AccessList, name: string): AccessList {
  const { [name]: author, ...authors } = list.authors;
  const members = list.members.filter((entry) => !('user' in entry && entry.user === author?.user));
  return { ...list, members, authors };
}

/** The record of a list, its text still to be sealed. */
export function listRecord({ tenant, userId }: Partition, now: Date, before?: MemoryRecord): MemoryRecord {
  return {
    id: LIST_ID,
    tenant,
    user_id: listOwner(userId),
    sensitivity: 'sensitive',
    category: 'access-list',
    occurred_at: before?.occurred_at ?? now,
    created_at: before?.created_at ?? now,
    updated_at: now,
    version: (before?.version ?? 0) + 1,
  };
}

/** Whether a record is the list of a partition, going by its names; its seal is to be checked as well. */
export function isListOf({ tenant, userId }: Partition, record: MemoryRecord): boolean {
  return record.id === LIST_ID && record.tenant === tenant && record.user_id === listOwner(userId);
}

/** The list in an opened text, which was written by this product and authenticated. */
export function readList(text: string | undefined): AccessList {
  const list = JSON.parse(text ?? 'null') as AccessList | null;
  if (list?.v !== 1) throw new MemwardenError('internal');
  return list;
}

// A missing attribute is no value of any kind: nobody is a member by what it lacks (S4).
function isOf(entry: SpaceEntry, { userId, attributes }: Principal): boolean {
  if ('user' in entry) return userId !== undefined && entry.user === userId;
  return (
    attributes !== undefined &&
    Object.hasOwn(attributes, entry.attribute) &&
    attributes[entry.attribute] === entry.value
  );
}

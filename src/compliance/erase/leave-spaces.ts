import type { SpaceRegister } from '../../guard/space-register.js';
import type { LeftSpace } from '../../model/erasure.js';
import type { Partition } from '../../model/partition.js';
import type { Pseudonyms } from '../../model/pseudonyms.js';
import type { AccessList } from '../../model/space-list.js';
import type { SpaceLists } from '../../model/space-lists.js';
import type { MaintenanceStore } from '../../store/maintenance.js';

const BATCH = 500;

/** What taking a user from shared spaces stands on. */
export interface LeaveSpacesOptions {
  readonly lists: SpaceLists;
  readonly register: SpaceRegister;
  readonly maintenance: MaintenanceStore;
  readonly pseudonyms: Pseudonyms;
  /** Ends what was decided under a list and is not stored. */
  readonly pass: (space: Partition) => Promise<void>;
}

/**
 * Takes a user who is being erased from every shared space: from the list, and what the user wrote there with it where
 * the space says so. A space stays readable for the others. Each step can be done again: until the last one the list
 * names the user, as somebody who is leaving.
 *
 * @param note adds to what was done in a space, batch by batch, before the list forgets the user
 */
export async function leaveSpaces(
  options: LeaveSpacesOptions,
  user: Partition,
  note: (left: LeftSpace) => Promise<void>,
): Promise<void> {
  const { lists, register, pseudonyms, pass } = options;
  for await (const space of lists.spaces()) {
    if (space.tenant !== user.tenant) continue;
    const list = await register.read({ partition: space });
    if (!list || !names(list, user.userId)) continue;
    await register.change({ partition: space }, (now) => leaving(now, user.userId));
    // From here on nothing lands that was decided while the user was a member (S8).
    await pass(space);
    const { pseudonym } = await pseudonyms.pseudonymOf(space.tenant, space.userId);
    const tell = (removed: number) => note({ space: pseudonym, rule: list.onErase, removed });
    await tell(0);
    if (list.onErase === 'remove') await withdraw(options, space, user.userId, tell);
    await register.change({ partition: space }, (now) => without(now, user.userId));
  }
}

async function withdraw(
  { register, maintenance }: LeaveSpacesOptions,
  space: Partition,
  userId: string,
  tell: (removed: number) => Promise<void>,
): Promise<void> {
  const { authors = {} } = (await register.read({ partition: space })) ?? {};
  for (const [name, author] of Object.entries(authors)) {
    if (author.user !== userId) continue;
    for (let done = false; !done;) {
      const batch = await maintenance.withdraw(space, name, BATCH);
      if (batch.deleted > 0) await tell(batch.deleted);
      done = batch.done;
    }
  }
}

function names({ members, authors }: AccessList, userId: string): boolean {
  return (
    members.some((entry) => 'user' in entry && entry.user === userId) ||
    Object.values(authors).some(({ user }) => user === userId)
  );
}

function leaving(list: AccessList, userId: string): AccessList {
  const authors = Object.entries(list.authors).map(
    ([name, author]) => [name, author.user === userId ? { ...author, leaving: true as const } : author] as const,
  );
  const members = list.members.filter((entry) => !('user' in entry && entry.user === userId));
  return { ...list, members, authors: Object.fromEntries(authors) };
}

// One who came back in between, by an attribute, has another name, and keeps it.
function without(list: AccessList, userId: string): AccessList {
  const authors = Object.entries(list.authors).filter(([, { user, leaving: is }]) => !(is && user === userId));
  return { ...list, authors: Object.fromEntries(authors) };
}

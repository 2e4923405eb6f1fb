import type { SpaceRegister } from '../../guard/space-register.js';
import type { Partition } from '../../model/partition.js';
import type { Pseudonyms } from '../../model/pseudonyms.js';
import { authorIdOf, namesOf, secretIdOf, type AccessList } from '../../model/space-list.js';
import type { SpaceLists } from '../../model/space-lists.js';
import type { MaintenanceStore } from '../../store/maintenance.js';
import type { NoteLeft } from './eraser-options.js';

const BATCH = 500;

/** What taking a user from shared spaces stands on. */
export interface LeaveSpacesOptions {
  readonly lists: SpaceLists;
  readonly register: SpaceRegister;
  readonly maintenance: MaintenanceStore;
  readonly pseudonyms: Pseudonyms;
  /** Ends what was decided under a list and is not stored, and the secrets of authors that are named. */
  readonly pass: (space: Partition, secretIds: readonly string[]) => Promise<void>;
}

/**
 * Takes a user who is being erased from every shared space: from the list, and what the user wrote there with it where
 * the space says so, together with the secret that it is sealed with. A space stays readable for the others. Each step
 * can be done again: until `settleSpaces` the list names the user, as somebody who is leaving.
 *
 * @param note adds to what was done in a space, batch by batch; the ids stand before anything is destroyed
 */
export async function leaveSpaces(options: LeaveSpacesOptions, user: Partition, note: NoteLeft): Promise<void> {
  const { register, pass } = options;
  for await (const { space, list, tell } of spacesOf(options, user, note)) {
    await register.change({ partition: space }, (now) => leaving(now, user.userId));
    // From here on nothing lands that was decided while the user was a member (S8).
    await pass(space, []);
    const names = namesOf((await register.read({ partition: space })) ?? list, user.userId);
    await tell(0, names.map(authorIdOf));
    if (list.onErase === 'keep') continue;
    await withdraw(options.maintenance, space, names, tell);
    const secretIds = names.flatMap((name) => secretIdOf(name) ?? []);
    if (secretIds.length > 0) await pass(space, secretIds);
  }
}

/** Ends what `leaveSpaces` began: what landed since goes (S22), and the lists forget the user. */
export async function settleSpaces(options: LeaveSpacesOptions, user: Partition, note: NoteLeft): Promise<void> {
  for await (const { space, list, tell } of spacesOf(options, user, note)) {
    const gone = namesOf(list, user.userId).filter((name) => list.authors[name]?.leaving);
    if (list.onErase === 'remove') await withdraw(options.maintenance, space, gone, tell);
    await options.register.change({ partition: space }, (now) => without(now, user.userId));
  }
}

/** Deletes what some authors wrote in a space, with its history. */
export async function withdraw(
  maintenance: MaintenanceStore,
  space: Partition,
  names: readonly string[],
  tell: (removed: number) => Promise<void>,
): Promise<void> {
  for (const name of names) {
    for (let done = false; !done;) {
      const batch = await maintenance.withdraw(space, name, BATCH);
      if (batch.deleted > 0) await tell(batch.deleted);
      done = batch.done;
    }
  }
}

async function* spacesOf(
  { lists, register, pseudonyms }: LeaveSpacesOptions,
  user: Partition,
  note: NoteLeft,
): AsyncGenerator<{
  readonly space: Partition;
  readonly list: AccessList;
  readonly tell: (removed: number, ids?: readonly string[]) => Promise<void>;
}> {
  for await (const space of lists.spaces()) {
    if (space.tenant !== user.tenant) continue;
    const list = await register.read({ partition: space });
    if (!list || !names(list, user.userId)) continue;
    const { pseudonym } = await pseudonyms.pseudonymOf(space.tenant, space.userId);
    const tell = (removed: number, ids: readonly string[] = []) =>
      note({ space: pseudonym, rule: list.onErase, removed }, ids);
    yield { space, list, tell };
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

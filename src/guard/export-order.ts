import type { Level } from '../model/levels.js';
import type { Memory } from '../model/memory.js';
import type { Binding } from '../policy/binding.js';
import type { Access } from './access.js';
import type { CompiledFilter } from './filter.js';
import { mayGrant } from './space-pages.js';

/** What takes the memories of one partition. */
export interface ExportSink {
  /** Told of each memory, before it is taken, with which fields it goes out and its author in a space; undefined: nobody asks. */
  readonly note?: ((id: string, shown: string, author: string | undefined) => void) | undefined;
  /** Takes memories that are not released yet. @returns how many bytes it holds now */
  hold(memories: readonly Memory[]): number;
  /** Waits until this partition's turn has come. */
  turn(): Promise<void>;
  /** What is held is on record: it is handed out. */
  release(): Promise<void>;
  /** Forgets what is held, and takes back what was handed out of this partition. */
  discard(): Promise<void>;
}

/** What to export of a partition, and for whom. */
export interface ExportOrder {
  readonly filter: CompiledFilter;
  /** Who gets it, where that is not the principal (S27). */
  readonly recipient?: string | undefined;
  /** Of a space: what this user wrote there, and nothing else. */
  readonly author?: string | undefined;
}

/** What was exported of a partition. */
export interface Exported {
  /** The exported set is what was permitted at this time. */
  readonly readAt: Date;
  readonly count: number;
  readonly levels: Readonly<Partial<Record<Level, number>>>;
  /** SHA-256 of the policies that decided. */
  readonly policy: string;
  /** Tells `stands` of what state this was; nothing can be read from it (S18). */
  readonly mark: string;
  /** What a user wrote in a space was asked for, and the access list lets none of it through. */
  readonly withheld?: true;
}

/** Names an export of a partition in the mark that tells whether it still stands. */
export function contextOf(
  { key, partition }: Access,
  { filter, author }: ExportOrder,
  binding: Binding,
): readonly string[] {
  const parts = ['export', key, partition.tenant, partition.userId, filter.key, binding.revision];
  return author === undefined ? parts : [...parts, author];
}

/** Who wrote something in a space is told to nobody but the user, and to who may change the list. */
export function mayTell({ principal, userId }: Access, binding: Binding, author: string): boolean {
  return principal.userId === author || mayGrant(binding, userId);
}

/** Under which names a user wrote in a space; none where that is not to be told. */
export function namesOf(access: Access, binding: Binding, author: string): ReadonlySet<string> {
  return new Set(mayTell(access, binding, author) ? access.namesOf(author) : []);
}

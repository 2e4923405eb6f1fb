import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { Access } from '../guard/access.js';
import type { Guard } from '../guard/guard.js';
import type { Draft } from '../guard/changes.js';
import { bare } from '../model/bare.js';
import { FIELDS } from '../model/fields.js';
import { toPrincipal, type Principal } from '../model/principal.js';
import { parsedDraft } from './input.js';

export type { Draft };

const PROPERTIES: ReadonlyMap<string, string> = new Map(
  FIELDS.filter((field) => field.writable).map((field) => [field.name, field.property]),
);

/** Where memories are imported to: the partition of a user, or a shared space. */
export type Into = { readonly user: string } | { readonly space: string };

/**
 * Importing: memories whose ids were fixed ahead, each stored on its own and, however often it is sent, once. One
 * principal, any owners; each owner is bound by the guard as everywhere, and of a space the access list is asked at each
 * call.
 */
export class Importer {
  readonly #guard: Guard;
  readonly #principal: Principal;

  constructor(guard: Guard, principal: unknown) {
    this.#guard = guard;
    this.#principal = toPrincipal(principal);
  }

  /**
   * Asks before anything is read whether anything may be stored there at all.
   *
   * @throws MemwardenError forbidden where the policies let the principal create nothing there; not_found where there is no
   *   such space, or its list does not let the principal write; invalid_owner, invalid_argument
   */
  async assertMayCreate(into: Into): Promise<void> {
    const access = this.#accessTo(into);
    access.plan(access.binding(), { action: 'create' });
    if ('space' in into) await this.#guard.importMany(access, []);
  }

  /**
   * Stores memories of one user, or of a space. One that is there already, from an attempt that was cut off, is left as it
   * is.
   *
   * @returns those that the policy refuses; they were not stored
   * @throws MemwardenError not_found where the list of the space does not let the principal write any more
   */
  async store(into: Into, drafts: readonly Draft[]): Promise<readonly Draft[]> {
    const access = this.#accessTo(into);
    if (access.planOrNone(access.binding(), { action: 'create' }).kind === 'none') return drafts;
    return this.#store(access, drafts);
  }

  #accessTo(into: Into): Access {
    return 'space' in into
      ? this.#guard.space(this.#principal, into.space)
      : this.#guard.access(this.#principal, into.user);
  }

  // The guard decides on all before it stores any, so that a refused half costs nothing but the decisions.
  async #store(access: Access, drafts: readonly Draft[]): Promise<readonly Draft[]> {
    try {
      await this.#guard.importMany(access, drafts);
      return [];
    } catch (error) {
      if (isMemwardenError(error, 'store_duplicate')) return [];
      if (!isMemwardenError(error, 'forbidden')) throw error;
      if (drafts.length === 1) return drafts;
      const middle = drafts.length >> 1;
      return [
        ...(await this.#store(access, drafts.slice(0, middle))),
        ...(await this.#store(access, drafts.slice(middle))),
      ];
    }
  }
}

/**
 * The draft of a memory as files have it: the names of the record, and nothing beside what may be given.
 *
 * @param record a JSON object without its `user_id`: data as `JSON.parse` makes it
 * @param id its id, where that was fixed ahead
 * @throws MemwardenError invalid_argument, content_too_large, metadata_too_large
 */
export function recordDraft(record: Readonly<Record<string, unknown>>, now: Date, id?: string): Draft {
  const memory = bare();
  for (const key of Object.keys(record)) {
    const property = PROPERTIES.get(key);
    if (property === undefined) throw new MemwardenError('invalid_argument', { argument: 'unknown key' });
    memory[property] = record[key];
  }
  return parsedDraft(memory, now, ARGUMENT, id);
}

const ARGUMENT = 'line';

/** The name that the record gives to what an error of `recordDraft` or of a message complains of. */
export function recordName(argument: string): string {
  const property = argument.split('.').find((part) => !/^(?:line|options|messages|memory|\d+)$/.test(part));
  return FIELDS.find((field) => field.property === property)?.name ?? property ?? argument;
}

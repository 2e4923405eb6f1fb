import type { Access } from '../../guard/access.js';
import type { Guard } from '../../guard/guard.js';
import type { ExportedPart } from '../../model/export.js';
import type { Principal } from '../../model/principal.js';
import { compareText } from '../../model/text.js';

/**
 * The order of parts: users by the bytes of their ids, each followed by the spaces where the user has written; then spaces
 * as a whole.
 */
export function compareParts(one: ExportedPart, other: ExportedPart): number {
  const kinds = Number(one.user_id === undefined) - Number(other.user_id === undefined);
  if (kinds !== 0) return kinds;
  return compareText(one.user_id ?? '', other.user_id ?? '') || compareText(one.space ?? '', other.space ?? '');
}

const PAGE = 1_000;

/** The spaces of an export by the bytes of their ids: those that were named, or page by page all that the principal reads. */
export async function* spacesOf(
  guard: Guard,
  principal: Principal,
  spaces: readonly string[] | 'all',
): AsyncGenerator<string, void, undefined> {
  if (spaces !== 'all') {
    yield* spaces;
    return;
  }
  let cursor: string | undefined;
  do {
    const page = await guard.spaces(principal, PAGE, cursor);
    // Who may grant is told of the others as well, and reads nothing there.
    for (const { id, access } of page.spaces) if (access !== undefined) yield id;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

/** Names a part: of two parts of one export the names differ. */
export function nameOfPart({ user_id: userId, space }: ExportedPart): string {
  return JSON.stringify([userId ?? null, space ?? null]);
}

/** Where a principal gets at the memories of a part. */
export function accessTo(guard: Guard, principal: Principal, { user_id: userId, space }: ExportedPart): Access {
  return space === undefined ? guard.access(principal, userId) : guard.space(principal, space);
}

/** Whose memories of a space a part has; nothing where it has all of them, or is of no space. */
export function authorIn({ user_id: author, space }: ExportedPart): { readonly author?: string } {
  return author === undefined || space === undefined ? {} : { author };
}

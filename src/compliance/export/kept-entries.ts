import { createHash } from 'node:crypto';
import { definedIn } from '../../model/bare.js';
import type { FieldName } from '../../model/fields.js';
import { principalKey, type Principal } from '../../model/principal.js';
import type { KeptPart } from './context.js';
import type { SealedShare } from './kept-key.js';

const IDS_AN_ENTRY = 5_000;

/** For whom an export was made, and what it was filtered by. */
export interface KeptOrder {
  readonly principal: Principal;
  readonly by: readonly FieldName[];
}

/** What comes first of what says what is in an export: of the principal a digest. */
export interface Header {
  readonly principal: string;
  readonly by: readonly FieldName[];
}

/** A user of an export, or more ids of one: memories of which the same fields went out. */
export interface Entry {
  readonly userId: string;
  readonly shown: string;
  readonly ids: readonly string[];
  /** Whose share it is in a space, where it is one's who wrote there: no ids stand with it. */
  readonly author?: string;
  /** The user who wrote it, where that is told in the file. */
  readonly writer?: string;
  /** Whether nothing but that is told of it. */
  readonly withheld?: true;
  readonly share?: SealedShare;
}

/** What says what of a user is in an export. Of whom there are no memories in it, there is the name in the file of users. */
export function* entriesOf({ userId, ids, writer, withheld }: KeptPart): Generator<Entry> {
  const groups = Object.entries(ids);
  const told = definedIn({ writer, withheld });
  if (groups.length === 0) yield { userId, shown: '', ids: [], ...told };
  for (const [shown, all] of groups)
    for (let at = 0; at < all.length; at += IDS_AN_ENTRY)
      yield { userId, shown, ids: all.slice(at, at + IDS_AN_ENTRY), ...told };
}

/** What of it goes into the digest that the key is made with. */
export function lineOf(row: Header | Entry): string {
  return `${JSON.stringify(row)}\n`;
}

/** A digest of everything in a principal that decides. */
export function digestOf(principal: Principal): string {
  return createHash('sha256')
    .update(`memwarden kept export principal 1 ${principalKey(principal)}`)
    .digest('hex');
}

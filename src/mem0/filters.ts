import type { Where } from '../guard/where.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { isList, isPlain } from '../memory/checked.js';
import { checkLeaves, leafOf, leavesIn, malformed } from './filter-leaves.js';

/** A checked filter, without the user that it names. */
export interface CheckedFilter {
  /** The one user that is named at the top. */
  readonly user: string | undefined;
  /** An agent, an app or a run that is named somewhere. */
  readonly entity: string | undefined;
  /** How many conditions it has. */
  readonly leaves: number;
  /** What else must hold. `memoryIds` in it are handles still. */
  readonly where: HandleWhere;
}

/** A condition in which memories are named by their handles. */
export type HandleWhere =
  | Where
  | { readonly kind: 'all' | 'any'; readonly of: readonly HandleWhere[] }
  | { readonly kind: 'none'; readonly of: HandleWhere }
  | { readonly kind: 'handles'; readonly of: readonly string[] };

const MAX_DEPTH = 8;
const MAX_NODES = 256;
const MAX_BYTES = 262_144;

interface Reading {
  nodes: number;
  leaves: number;
  user: string | undefined;
  entity: string | undefined;
}

/**
 * Checks a filter of mem0's: a tree of AND, OR and NOT over fields with operators. It is read into a closed tree of ours,
 * and what it does not know it refuses, so that nothing in it can be taken for an operator of a database. The user is
 * named once, by equality, at the top or in the AND that stands there: anywhere else it would be a condition over
 * several partitions.
 *
 * @throws MemwardenError invalid_argument
 */
export function toCheckedFilter(value: unknown): CheckedFilter {
  if (!isPlain(value) || JSON.stringify(value).length > MAX_BYTES) throw malformed('filters');
  const reading: Reading = { nodes: 0, leaves: 0, user: undefined, entity: undefined };
  const where = group(value, reading, 0, true, 'filters');
  return { user: reading.user, entity: reading.entity, leaves: reading.leaves, where };
}

function group(value: unknown, reading: Reading, depth: number, atTop: boolean, place: string): HandleWhere {
  if (!isPlain(value) || depth > MAX_DEPTH) throw malformed(place);
  const parts: HandleWhere[] = [];
  for (const [key, operand] of Object.entries(value)) {
    reading.nodes += 1;
    if (reading.nodes > MAX_NODES) throw malformed('filters');
    const part = member(key, operand, reading, depth, atTop, place);
    if (part) parts.push(part);
  }
  return { kind: 'all', of: parts };
}

function member(
  key: string,
  operand: unknown,
  reading: Reading,
  depth: number,
  atTop: boolean,
  place: string,
): HandleWhere | undefined {
  const at = `${place}.${isKnownName(key) ? key : '?'}`;
  switch (key) {
    case 'AND':
      // The members of an AND at the top stand at the top themselves.
      return { kind: 'all', of: groups(operand, reading, depth, atTop && depth === 0, at) };
    case 'OR':
      return { kind: 'any', of: groups(operand, reading, depth, false, at) };
    case 'NOT': {
      const of = isList(operand)
        ? groups(operand, reading, depth, false, at)
        : [group(operand, reading, depth + 1, false, at)];
      // Of several none may hold.
      return { kind: 'none', of: { kind: 'any', of } };
    }
    case 'user_id':
      if (!atTop || reading.user !== undefined) throw malformed(at);
      reading.user = theUser(operand, at);
      return undefined;
    default: {
      reading.leaves += leavesIn(key, operand);
      checkLeaves(reading.leaves, 'filters');
      const leaf = leafOf(key, operand, at);
      if (leaf.kind === 'entity') reading.entity = key;
      return leaf.kind === 'entity' ? leaf.of : leaf;
    }
  }
}

function groups(value: unknown, reading: Reading, depth: number, atTop: boolean, place: string): HandleWhere[] {
  if (!isList(value) || value.length === 0) throw malformed(place);
  return value.map((one) => group(one, reading, depth + 1, atTop, place));
}

function theUser(operand: unknown, place: string): string {
  const value = isPlain(operand) && Object.keys(operand).join() === 'eq' ? (operand as { eq: unknown }).eq : operand;
  if (typeof value !== 'string')
    throw new MemwardenError('invalid_argument', { argument: place, allowed: 'the id of one user' });
  return value;
}

// A name of ours may be told back; a key that somebody made up may hold anything.
function isKnownName(key: string): boolean {
  return /^(?:AND|OR|NOT|(?:user|agent|app|run)_id|metadata|keywords|categories|text|timestamp)$/.test(key);
}

/** Puts the ids of one owner's memories in the place of handles; what opens to nothing, or is another's, matches nothing. */
export async function withIds(
  where: HandleWhere,
  idOf: (handle: string) => Promise<string | undefined>,
): Promise<Where> {
  switch (where.kind) {
    case 'all':
    case 'any':
      return { kind: where.kind, of: await Promise.all(where.of.map((one) => withIds(one, idOf))) };
    case 'none':
      return { kind: 'none', of: await withIds(where.of, idOf) };
    case 'handles': {
      const ids = (await Promise.all(where.of.map(idOf))).filter((id) => id !== undefined);
      return { kind: 'clear', of: { kind: 'compare', field: 'id', op: 'in', value: ids } };
    }
    default:
      return where;
  }
}

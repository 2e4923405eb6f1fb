import type { Along, StoredGroup } from '../../model/audit-storage.js';
import type { Tables } from './environment.js';

interface Carried {
  readonly root: Tables['root'];
  readonly group: StoredGroup;
}

// What is behind it: no object that was not made here has anything.
const made = new WeakMap<Along, Carried>();

/** Makes of a group what a write of memories in the same environment can take along. */
export function alongOf({ root }: Tables, group: StoredGroup): Along {
  const along = Object.freeze({}) as Along;
  made.set(along, { root, group });
  return along;
}

/**
 * Puts what goes along, within the transaction of the write. What is of another environment, or whose place is taken, is
 * passed over: the log finds that it is not there.
 */
export function putAlong({ root, audit }: Tables, along: Along | undefined): void {
  const carried = along && made.get(along);
  if (carried?.root !== root) return;
  const { stream, group, body } = carried.group;
  if (!audit.doesExist([stream, group])) audit.putSync([stream, group], body);
}

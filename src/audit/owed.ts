import type { AuditStorage, StoredGroup } from '../model/audit-storage.js';
import type { Place } from './format.js';
import { isThere } from './reserved.js';
import type { Sink } from './sinks/sink.js';
import type { Waiting } from './waiting.js';

/** A group that is not durable yet everywhere that it has to be. */
export interface Owed {
  readonly group: StoredGroup;
  /** Where the stream stands behind it. */
  readonly place: Place;
  readonly batch: readonly Waiting[];
  /**
   * `own`: to be stored, by the same bytes again and again. `joined`: it went along with a write whose outcome is not known;
   * it is asked for and never repeated, for what it says may not have happened. `stored`: sinks may lack it.
   */
  state: 'own' | 'joined' | 'stored';
}

/**
 * Brings a group to where it has to be.
 *
 * @returns `durable`; `absent` where the write that it went along with did not happen; `taken` where another writer has its place
 * @throws what the store or a required sink says; the group is then owed still
 */
export async function bring(
  owed: Owed,
  storage: AuditStorage,
  sinks: readonly Sink[],
): Promise<'durable' | 'absent' | 'taken'> {
  const { group } = owed;
  if (owed.state === 'joined' && !(await isThere(storage, group))) return 'absent';
  if (owed.state === 'own' && (await storage.append(group)) === 'taken') return 'taken';
  owed.state = 'stored';
  // After the store, so that no sink has what the store has not.
  await Promise.all(sinks.filter((sink) => sink.required).map((sink) => sink.take(group)));
  return 'durable';
}

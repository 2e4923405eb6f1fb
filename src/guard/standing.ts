import type { SpaceAccess } from '../model/space-list.js';
import type { Use } from './use.js';

/** What the access list of a space says of a principal, at the time of one call. */
export interface Standing {
  /** Undefined where it is no member, or where there is no such space. */
  readonly access: SpaceAccess | undefined;
  /** The random name under which it writes there. */
  readonly author?: string | undefined;
  /** Under which names a user has written there; none for who is no member. */
  namesOf?(userId: string): readonly string[];
  /** Asks the list again. */
  again(): Promise<Standing>;
}

const READING: ReadonlySet<Use['action']> = new Set(['read', 'explain', 'export', 'share']);

/** Whether a list lets an action through. */
export function listAllows(standing: Standing | undefined, action: Use['action']): boolean {
  return standing?.access === 'write' || (standing?.access === 'read' && READING.has(action));
}

import type { Embedder } from './embedder.js';
import type { MemoryRecord } from './fields.js';
import { DEFAULT_LEVEL, isLevel, rank, type Level } from './levels.js';

/** What the operator allows to leave. */
export interface DisclosureSettings {
  /** The highest level whose text may be sent to somebody else. Without it none may. */
  readonly maxLevel?: Level;
}

/**
 * S27: whether a text of a level may be handed to an embedder. What stays may always; what leaves only up to the level
 * that the operator named, so that `sensitive` leaves only where the configuration says that very word.
 */
export function mayLeave(level: Level, to: Pick<Embedder, 'remote'>, settings: DisclosureSettings): boolean {
  if (!to.remote) return true;
  const { maxLevel } = settings;
  return isLevel(level) && isLevel(maxLevel) && rank(level) <= rank(maxLevel);
}

/** The same of the words that a caller asks with: they have no level, and count as a new memory without one does. */
export function queryMayLeave(to: Pick<Embedder, 'remote'>, settings: DisclosureSettings): boolean {
  return mayLeave(DEFAULT_LEVEL, to, settings);
}

/** Text of a user's memories that an operator's act sends to a service outside. */
export interface Sending {
  readonly owner: string;
  /** The service: where it is reached. */
  readonly recipient: string;
  readonly act: 'embed';
  readonly records: readonly MemoryRecord[];
}

/** Tells of text before it is sent; where this rejects, nothing may be (S27). */
export type Disclosing = (sending: Sending) => Promise<void>;

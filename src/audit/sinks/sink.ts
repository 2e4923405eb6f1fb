import type { StoredGroup } from '../../model/audit-storage.js';

/** A second place that the log goes to, after the store. */
export interface Sink {
  /** Whether nothing is released before the sink has it. */
  readonly required: boolean;
  /**
   * Takes a group. One that is required resolves once the group is delivered, and rejects where it is not; what it could
   * not deliver it delivers before anything newer. Another one returns at once, and may drop.
   */
  take(group: StoredGroup): Promise<void>;
  /** Delivers what it holds, for as long as a time-out allows. */
  close(): Promise<void>;
}

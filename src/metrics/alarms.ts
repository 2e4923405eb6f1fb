/** What is raised when something that cannot happen happens. */
export type AlarmName =
  /** The query let a record through that the decision refuses: the two interpreters disagree. */
  | 'decision_disagrees'
  /** A stored record is malformed (S1) or fails its MAC (S19). */
  | 'malformed_record'
  /** Another writer has this process's stream of the audit log: a copy of the process or of its machine. */
  | 'audit_fork'
  /** A sink of the audit log that is not required has dropped lines. */
  | 'audit_sink_dropped'
  /** Changes were found whose writer died before it could say what became of them. */
  | 'audit_reconciled'
  /** A checkpoint of the audit log could not be made or kept, or its stream could not be closed. */
  | 'audit_checkpoint_failed'
  /** The policies could not be reloaded and the last good set serves. */
  | 'policy_reload_failed'
  /** What was written could not be embedded; `memwarden embed` does it later. */
  | 'embedding_failed'
  /** A query could not be embedded, and words alone answered. */
  | 'search_without_meaning';

/** One alarm. */
export interface Alarm {
  readonly name: AlarmName;
  readonly at: Date;
  /** Ids and counts only, never content. */
  readonly detail: Readonly<Record<string, string | number>>;
}

/** Counts alarms and tells whoever listens; a listener that throws harms nobody. */
export class Alarms {
  readonly #counts = new Map<AlarmName, number>();
  readonly #listener: ((alarm: Alarm) => void) | undefined;

  constructor(listener?: (alarm: Alarm) => void) {
    this.#listener = listener;
  }

  raise(name: AlarmName, at: Date, detail: Alarm['detail'] = {}): void {
    this.#counts.set(name, this.count(name) + 1);
    try {
      this.#listener?.({ name, at, detail });
    } catch {
      // An alarm is raised on the way of a read; the listener's failure is not the reader's.
    }
  }

  /** How often each alarm was raised since the start; those that were. */
  snapshot(): Readonly<Partial<Record<AlarmName, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** How often an alarm was raised since the start. */
  count(name: AlarmName): number {
    return this.#counts.get(name) ?? 0;
  }
}

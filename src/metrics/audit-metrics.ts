/** The audit log's counters, as they stand; ready to be served. */
export interface AuditCounters {
  /** Decisions by outcome. */
  readonly decisions: Readonly<Record<string, number>>;
  /** Denials by the rule that denied; `no rule` where none matched. */
  readonly denials: Readonly<Record<string, number>>;
  /** Records that are durable. */
  readonly records: number;
  /** Durable writes that they took. */
  readonly groups: number;
  /** Records that wait to become durable. */
  readonly waiting: number;
  /** How long the last record waited until it was durable, in milliseconds. */
  readonly lagMs: number;
  /** The longest such wait since the start, in milliseconds. */
  readonly maxLagMs: number;
  /** Acts that were refused because their record could not be written. */
  readonly refused: number;
  /** Lines that sinks which are not required have dropped. */
  readonly dropped: number;
}

const MOST_RULES = 1_000;
export const NO_RULE = 'no rule';

/** Counts what the audit log does. */
export class AuditMetrics {
  readonly #decisions = new Map<string, number>();
  readonly #denials = new Map<string, number>();
  #records = 0;
  #groups = 0;
  #waiting = 0;
  #lagMs = 0;
  #maxLagMs = 0;
  #refused = 0;
  #dropped = 0;

  decided(outcome: string, rules: readonly string[]): void {
    raise(this.#decisions, outcome);
    if (outcome !== 'denied') return;
    for (const rule of rules.length ? rules : [NO_RULE]) {
      // Rule ids come from policy files, which may be reloaded without end.
      if (this.#denials.has(rule) || this.#denials.size < MOST_RULES) raise(this.#denials, rule);
    }
  }

  began(): void {
    this.#waiting += 1;
  }

  ended(durable: boolean, lagMs: number): void {
    this.#waiting -= 1;
    if (!durable) return void (this.#refused += 1);
    this.#lagMs = lagMs;
    this.#maxLagMs = Math.max(this.#maxLagMs, lagMs);
  }

  committed(records: number): void {
    this.#records += records;
    this.#groups += 1;
  }

  dropped(lines: number): void {
    this.#dropped += lines;
  }

  snapshot(): AuditCounters {
    return {
      decisions: Object.fromEntries(this.#decisions),
      denials: Object.fromEntries(this.#denials),
      records: this.#records,
      groups: this.#groups,
      waiting: this.#waiting,
      lagMs: this.#lagMs,
      maxLagMs: this.#maxLagMs,
      refused: this.#refused,
      dropped: this.#dropped,
    };
  }
}

function raise(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

import { performance } from 'node:perf_hooks';

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
  /** How long the oldest record that waits has waited, in milliseconds; 0 where none does. */
  readonly behindMs: number;
  /** How long the last record waited until it was durable, in milliseconds. */
  readonly lagMs: number;
  /** The longest such wait since the start, in milliseconds. */
  readonly maxLagMs: number;
  /** Acts that were refused because their record could not be written. */
  readonly refused: number;
  /** Lines that sinks which are not required have dropped. */
  readonly dropped: number;
}

/** A record that waits. */
export interface Wait {
  /** Milliseconds of the process's own clock. */
  readonly since: number;
}

const MOST_RULES = 1_000;
export const NO_RULE = 'no rule';

/** Counts what the audit log does. */
export class AuditMetrics {
  readonly #decisions = new Map<string, number>();
  readonly #denials = new Map<string, number>();
  #records = 0;
  #groups = 0;
  readonly #waiting = new Set<Wait>();
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

  /** A record begins to wait; what is handed out ends it. */
  began(): Wait {
    const wait = { since: performance.now() };
    this.#waiting.add(wait);
    return wait;
  }

  ended(wait: Wait, durable: boolean): void {
    this.#waiting.delete(wait);
    if (!durable) return void (this.#refused += 1);
    this.#lagMs = performance.now() - wait.since;
    this.#maxLagMs = Math.max(this.#maxLagMs, this.#lagMs);
  }

  committed(records: number): void {
    this.#records += records;
    this.#groups += 1;
  }

  dropped(lines: number): void {
    this.#dropped += lines;
  }

  // In the order in which they began.
  #behindMs(): number {
    for (const { since } of this.#waiting) return performance.now() - since;
    return 0;
  }

  snapshot(): AuditCounters {
    return {
      decisions: Object.fromEntries(this.#decisions),
      denials: Object.fromEntries(this.#denials),
      records: this.#records,
      groups: this.#groups,
      waiting: this.#waiting.size,
      behindMs: this.#behindMs(),
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

import { probeAudit, type DoorServices } from '../../internals.js';
import type { Warden } from '../../warden.js';

/** Whether requests should be sent here, and what is in the way. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'policies' | 'store' | 'audit' | 'running', 'ok' | 'failed'>>;
}

const KEPT_MS = 2_000;
const IDLE_MS = 5 * 60_000;
const WRITTEN_FOR_MS = 3_600_000;

/**
 * Tells whether a process can serve: policies in force, a durable write to the store, the audit log written. What was found
 * is kept for 2 seconds, so that asking costs nothing. The log is tried with a record of its own only where its last record
 * was refused, or none was written for 5 minutes.
 */
export class ReadinessProbe {
  readonly #warden: Warden;
  readonly #services: DoorServices;
  #asked: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;
  #audit = { records: -1, refused: 0, at: 0 };
  #stopping = false;

  constructor(warden: Warden, services: DoorServices) {
    this.#warden = warden;
    this.#services = services;
  }

  /** From now on it is red: the process goes down. */
  stop(): void {
    this.#stopping = true;
    this.#asked = undefined;
  }

  ask(): Promise<Readiness> {
    const now = this.#now();
    if (!this.#asked || now - this.#asked.at >= KEPT_MS) this.#asked = { at: now, answer: this.#look() };
    return this.#asked.answer;
  }

  async #look(): Promise<Readiness> {
    const [store, audit] = await Promise.all([succeeds(() => this.#store()), succeeds(() => this.#log())]);
    const found = { policies: this.#warden.ready, store, audit, running: !this.#stopping };
    const checks = Object.fromEntries(Object.entries(found).map(([name, ok]) => [name, ok ? 'ok' : 'failed']));
    return { ready: Object.values(found).every((ok) => ok), checks: checks as Readiness['checks'] };
  }

  async #store(): Promise<void> {
    await this.#services.values.add('readiness', 'written', 1, new Date(this.#now() + WRITTEN_FOR_MS));
  }

  async #log(): Promise<void> {
    const { records, refused } = this.#warden.auditCounters;
    const now = this.#now();
    const known = this.#audit;
    const isWell = refused === known.refused && (records > known.records || now - known.at < IDLE_MS);
    if (!isWell || known.records === -1) await probeAudit(this.#warden);
    const after = this.#warden.auditCounters;
    if (after.records > known.records) this.#audit = { records: after.records, refused: after.refused, at: now };
  }

  #now(): number {
    return this.#services.clock().getTime();
  }
}

async function succeeds(act: () => Promise<void>): Promise<boolean> {
  return act().then(
    () => true,
    () => false,
  );
}

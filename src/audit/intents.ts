import type { AuditRecord } from '../model/audit-record.js';
import type { OpenIntent } from '../model/audit-report.js';

// In canonical JSON a text cannot hold these unescaped, so that they are the record's own keys.
const READ = '"phase":"read"';
const INTENT = '"phase":"intent"';
const ENDED = '"intent":"';

function parse(record: string): AuditRecord | undefined {
  try {
    return JSON.parse(record) as AuditRecord;
  } catch {
    return undefined;
  }
}

/** Pairs intents with their results, whichever is met first. */
export class IntentLedger {
  readonly #open = new Map<string, OpenIntent>();
  readonly #ended = new Set<string>();

  /** @param record canonical JSON */
  add(stream: string, seq: number, record: string): void {
    if (record.includes(READ)) return;
    const isIntent = record.includes(INTENT);
    if (!isIntent && !record.includes(ENDED)) return;
    const parsed = parse(record);
    // Its signature tells of it.
    if (!parsed) return;
    const { id, time, action, intent, phase } = parsed;
    if (intent !== undefined && !this.#open.delete(intent)) this.#ended.add(intent);
    if (phase !== 'intent' || this.#ended.delete(id)) return;
    this.#open.set(id, { stream, seq, event: id, time, action });
  }

  /** The intents without a result. */
  open(): OpenIntent[] {
    return [...this.#open.values()];
  }
}

import type { Alarms } from '../metrics/alarms.js';
import { AUDIT_RECORD_VERSION, type AuditRecord } from '../model/audit-record.js';
import type { AuditStorage } from '../model/audit-storage.js';
import type { Clock } from '../model/clock.js';
import { newId } from '../model/id.js';
import { claimedHead, claimedPlace, claimedRecords } from './check.js';
import { canonical } from './format.js';
import { StreamStates, type Registry } from './registry.js';
import { STREAM_AGE_MS } from './stream.js';
import type { StreamWriter } from './writer.js';

/** What reconciling works with. */
export interface ReconcileParts {
  readonly storage: AuditStorage;
  readonly registry: Registry;
  readonly writer: StreamWriter;
  readonly alarms: Alarms;
  readonly clock: Clock;
}

// As a writer of the store: who has not ended a change by then has died.
const LEASE_MS = 60_000;
// A stream that is marked every so many groups is read from there the next time.
const WORTH_MARKING = 64;

/**
 * Finds intents whose writers died before they said what became of them, and records for each that its outcome is not
 * known (S24); closes streams that no living writer can have. Safe to run beside others.
 *
 * @returns how many intents there were
 */
export async function reconcile(parts: ReconcileParts): Promise<number> {
  const { storage, registry, writer, alarms, clock } = parts;
  const now = clock().getTime();
  let found = 0;
  for (const [stream, { closed, pruned, reconciled }] of (await StreamStates.read(storage)).streams) {
    if (closed || pruned || stream === writer.stream) continue;
    const { dead, settled, newest } = await unsettled(storage, stream, reconciled, now - LEASE_MS);
    for (const intent of dead) await writer.write(canonical(unknown(intent, clock())));
    found += dead.length;
    if (dead.length > 0 || settled - reconciled >= WORTH_MARKING)
      await registry.append({ kind: 'reconciled', stream, group: settled });
    // Twice the age at which a living writer leaves its stream.
    if (newest === undefined || newest > now - 2 * STREAM_AGE_MS) continue;
    const last = await storage.last(stream);
    const place = last && claimedPlace(last.body);
    if (!place) continue;
    const { group, seq, head } = place;
    await registry.append({ kind: 'close', stream, group, seq, head, why: 'lapsed' });
  }
  if (found > 0) alarms.raise('audit_reconciled', clock(), { intents: found });
  return found;
}

interface Unsettled {
  /** Intents without a result that are older than the lease. */
  readonly dead: readonly AuditRecord[];
  /** The last group before the first intent that may still get its result. */
  readonly settled: number;
  /** When the stream was last written, in milliseconds. */
  readonly newest: number | undefined;
}

async function unsettled(storage: AuditStorage, stream: string, after: number, before: number): Promise<Unsettled> {
  const open = new Map<string, { readonly record: AuditRecord; readonly group: number }>();
  let newest: number | undefined;
  let last = after;
  for await (const { group, body } of storage.groups(stream, Math.max(1, after))) {
    newest = Date.parse(claimedHead(body)?.at ?? '');
    last = group;
    for (const text of claimedRecords(body)) {
      if (!text.includes('"intent"')) continue;
      const record = JSON.parse(text) as AuditRecord;
      if (record.intent !== undefined) open.delete(record.intent);
      else if (record.phase === 'intent' && group > after) open.set(record.id, { record, group });
    }
  }
  const intents = [...open.values()];
  const living = intents.filter(({ record }) => Date.parse(record.time) > before);
  const dead = intents.filter((one) => !living.includes(one)).map(({ record }) => record);
  return { dead, settled: Math.min(last, ...living.map(({ group }) => group - 1)), newest };
}

function unknown(intent: AuditRecord, now: Date): AuditRecord {
  return {
    ...intent,
    v: AUDIT_RECORD_VERSION,
    id: newId(),
    time: now.toISOString(),
    phase: 'reconciled',
    outcome: 'unknown',
    intent: intent.id,
  };
}

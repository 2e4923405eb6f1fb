import type { AuditRecord } from '../model/audit-record.js';
import type { AuditStorage } from '../model/audit-storage.js';
import { claimedHead, claimedRecords } from './check.js';
import { StreamStates, type Registry, type StreamState } from './registry.js';

/** What a prune took away. */
export interface PruneResult {
  readonly streams: number;
  readonly records: number;
}

// No stream has this name: theirs are ids.
const NO_STREAM = 'none';

/**
 * Takes away closed streams that ended before a time, whole ones only. Of each a summary stays, signed, so that what is
 * left still verifies; the summary is durable before the first record goes.
 */
export async function prune(storage: AuditStorage, registry: Registry, before: Date): Promise<PruneResult> {
  // Whoever may not take records away is refused here, before a summary says that they are gone.
  await storage.removeStream(NO_STREAM);
  let streams = 0;
  let records = 0;
  for (const [stream, state] of (await StreamStates.read(storage)).streams) {
    if (state.pruned) {
      // An earlier prune may have died between its summary and its end.
      if (await storage.last(stream)) await storage.removeStream(stream);
      continue;
    }
    if (!state.closed || Date.parse(state.closed.time) >= before.getTime()) continue;
    const summary = await summaryOf(storage, stream, state, state.closed);
    if (Date.parse(summary.last) >= before.getTime()) continue;
    await registry.append(summary);
    await storage.removeStream(stream);
    streams += 1;
    records += summary.records;
  }
  return { streams, records };
}

async function summaryOf(
  storage: AuditStorage,
  stream: string,
  state: StreamState,
  { group, head, seq }: NonNullable<StreamState['closed']>,
) {
  const outcomes: Record<string, number> = {};
  let first = '';
  let last = state.opened;
  for await (const { body } of storage.groups(stream)) {
    last = claimedHead(body)?.at ?? last;
    first ||= last;
    for (const record of claimedRecords(body)) {
      const { outcome } = JSON.parse(record) as AuditRecord;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  return { kind: 'pruned', stream, groups: group, records: seq, first: first || last, last, head, outcomes } as const;
}

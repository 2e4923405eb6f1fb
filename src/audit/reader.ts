import type { AuditRecord } from '../model/audit-record.js';
import type { AuditQuery } from '../model/audit-report.js';
import type { AuditSource } from '../model/audit-storage.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { claimedHead, claimedRecords } from './check.js';
import { StreamStates } from './registry.js';

/**
 * Every record of a tenant that a query asks for, stream by stream, in the order of each stream. What the log says is taken as it
 * stands; `verify` tells whether it may be believed.
 */
export async function* recordsOf(
  source: AuditSource,
  tenant: string,
  query: Omit<AuditQuery, 'limit'>,
): AsyncGenerator<AuditRecord> {
  const since = query.since?.getTime() ?? -Infinity;
  const matches = matcher(query);
  for (const [stream, { closed, pruned }] of (await StreamStates.read(source)).streams) {
    if (pruned || (closed && Date.parse(closed.time) < since)) continue;
    for await (const { body } of source.groups(stream)) {
      // A group is written after the last of its records was made.
      if (Date.parse(claimedHead(body)?.at ?? '') < since - SLACK_MS) continue;
      for (const text of claimedRecords(body)) {
        if (query.user !== undefined && !text.includes(query.user)) continue;
        if (tenant !== DEFAULT_TENANT && !text.includes(tenant)) continue;
        const record = JSON.parse(text) as AuditRecord;
        if ((record.tenant ?? DEFAULT_TENANT) === tenant && matches(record)) yield record;
      }
    }
  }
}

/** The newest records of a tenant that a query asks for, oldest first. */
export async function newestOf(source: AuditSource, tenant: string, query: AuditQuery): Promise<AuditRecord[]> {
  let kept: AuditRecord[] = [];
  for await (const record of recordsOf(source, tenant, query)) {
    if (kept.push(record) >= 2 * query.limit + 1_000) kept = cut(kept, query.limit);
  }
  return cut(kept, query.limit);
}

// A clock that is set back between two records of a group.
const SLACK_MS = 60_000;

function cut(records: AuditRecord[], limit: number): AuditRecord[] {
  const ordered = records.sort((a, b) => (a.time === b.time ? (a.id < b.id ? -1 : 1) : a.time < b.time ? -1 : 1));
  return limit === 0 ? [] : ordered.slice(-limit);
}

function matcher({
  user,
  principal,
  since,
  until,
  outcome,
}: Omit<AuditQuery, 'limit'>): (record: AuditRecord) => boolean {
  return (record) => {
    const { owner, principal: who, time } = record;
    const at = Date.parse(time);
    if (since && at < since.getTime()) return false;
    if (until && at >= until.getTime()) return false;
    if (outcome !== undefined && record.outcome !== outcome) return false;
    if (user !== undefined && ![owner, who.user, who.self].includes(user)) return false;
    return principal === undefined || [who.id, who.self].some((one) => one !== undefined && principal.includes(one));
  };
}

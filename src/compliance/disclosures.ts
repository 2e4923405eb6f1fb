import type { AuditRecord } from '../model/audit-record.js';

/** One release of memories of a user, or of a space. */
export interface Disclosure {
  /** ISO 8601. */
  readonly date: string;
  /**
   * Who got it: the principal's id, `the user` where it was the user, or a pseudonym where it was another one; the service
   * where text was sent outside (S27).
   */
  readonly recipient: string;
  /** The principal at whose call text was sent outside. */
  readonly askedBy?: string;
  readonly role: string;
  /** On whose behalf, where that is another user: a pseudonym. */
  readonly onBehalfOf?: string;
  readonly purpose?: string;
  /** What was done: `read`, `list`, `export`, ... */
  readonly act: string;
  /** How many memories of each level. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly count: number;
  readonly door: string;
  /** The record of it. */
  readonly event: string;
}

interface Accounting {
  readonly since?: string;
  readonly until?: string;
  /**
   * False where there is no pseudonym key: the user, or the space, was erased or never had a memory. Also of a space that
   * who asks may not know of.
   */
  readonly known: boolean;
  readonly disclosures: readonly Disclosure[];
}

/** Accounting of disclosures of one user's memories. */
export interface DisclosureReport extends Accounting {
  readonly userId: string;
}

/** Accounting of disclosures of the memories of a shared space, whoever wrote them. */
export interface SpaceDisclosureReport extends Accounting {
  readonly space: string;
}

/** The disclosures among the records of a user, or of a space, oldest first. */
export async function disclosuresOf<About extends { readonly userId: string } | { readonly space: string }>(
  about: About,
  pseudonym: string | undefined,
  records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
  period: { readonly since?: Date; readonly until?: Date },
): Promise<About & Accounting> {
  const disclosures: Disclosure[] = [];
  for await (const record of records) {
    if (record.owner === pseudonym && isRelease(record)) disclosures.push(toDisclosure(record));
  }
  disclosures.sort((a, b) => (a.date === b.date ? (a.event < b.event ? -1 : 1) : a.date < b.date ? -1 : 1));
  return {
    ...about,
    ...(period.since ? { since: period.since.toISOString() } : {}),
    ...(period.until ? { until: period.until.toISOString() } : {}),
    known: pseudonym !== undefined,
    disclosures,
  };
}

// What was written, or counted, told nobody what it says; an explanation names rules. What was sent outside was, whatever
// became of the call: of a change the result counts, for the intent of a first memory is older than its user's name here.
function isRelease({ action, act, outcome, phase, count, subject, recipient }: AuditRecord): boolean {
  const tells = action === 'read' || action === 'export' || action === 'share';
  const isMemory = subject === 'Memory' || subject === 'SharedMemory';
  if (isMemory && recipient !== undefined) return phase !== 'intent';
  return isMemory && tells && act !== 'count' && outcome === 'allowed' && phase === 'read' && count > 0;
}

function toDisclosure(record: AuditRecord): Disclosure {
  const { principal, owner, recipient, purpose } = record;
  const self = principal.self === owner ? 'the user' : `user ${principal.self ?? ''}`;
  const who = principal.id ?? self;
  return {
    date: record.time,
    recipient: recipient ?? who,
    ...(recipient === undefined ? {} : { askedBy: who }),
    role: principal.role,
    ...(principal.user !== undefined && principal.user !== owner ? { onBehalfOf: principal.user } : {}),
    ...(purpose === undefined ? {} : { purpose }),
    act: record.act ?? record.action,
    kinds: { ...record.levels },
    count: record.count,
    door: record.door,
    event: record.id,
  };
}

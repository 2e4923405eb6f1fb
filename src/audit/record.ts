import { AUDIT_RECORD_VERSION, type AuditedPrincipal, type AuditRecord } from '../model/audit-record.js';
import type { AuditEntry, Origin } from '../model/auditor.js';
import { subjectOf, type Principal } from '../model/principal.js';
import type { Pseudonym, Pseudonyms } from '../model/pseudonyms.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { names } from '../model/text.js';

const MAX_RULES = 32;

/** What an event is made of beside its entry. */
export interface Stamp {
  readonly id: string;
  readonly at: Date;
  readonly request: string;
  readonly origin: Origin;
}

/**
 * The record of an entry: every user in it as a pseudonym (S26). An owner whose memories are written or were found gets
 * a lasting one; for everybody else nothing is created.
 */
export async function toRecord(
  entry: AuditEntry,
  stamp: Stamp,
  pseudonyms: Pseudonyms,
  tenant: string,
): Promise<AuditRecord> {
  const { principal } = entry;
  const owner = entry.owner === undefined ? undefined : await ownerOf(entry, tenant, entry.owner, pseudonyms);
  const known = (id: string): Pseudonym | Promise<Pseudonym> =>
    owner && id === entry.owner ? owner : pseudonyms.pseudonymOf(tenant, id);
  const user = principal.userId === undefined ? undefined : await known(principal.userId);
  const self = await known(subjectOf(principal).name);
  const { act, levels, hidden, recipient, intent } = entry;
  const { purpose } = principal;
  const outside = recipient === undefined ? undefined : await recipientOf(recipient, entry, known);
  return {
    v: AUDIT_RECORD_VERSION,
    kind: 'event',
    id: stamp.id,
    time: stamp.at.toISOString(),
    door: stamp.origin.door,
    request: stamp.request,
    ...(tenant === DEFAULT_TENANT ? {} : { tenant }),
    principal: shown(principal, entry.owner, self, user),
    action: entry.action,
    subject: entry.subject,
    phase: entry.phase,
    outcome: entry.outcome,
    count: entry.count ?? entry.ids.length,
    rules: (entry.rules ?? []).slice(0, MAX_RULES),
    policy: entry.revision,
    ...(purpose === undefined || isNamed(purpose, entry) ? {} : { purpose }),
    ...(act === undefined ? {} : { act }),
    ...(owner === undefined ? {} : { owner: owner.pseudonym }),
    ...(levels === undefined ? {} : { levels }),
    ...(entry.ids.length > 0 && owner ? { ids: owner.digest(entry.ids) } : {}),
    ...(hidden === undefined ? {} : { hidden }),
    ...(outside === undefined ? {} : { recipient: outside }),
    ...(intent === undefined ? {} : { intent }),
  };
}

function ownerOf(entry: AuditEntry, tenant: string, owner: string, pseudonyms: Pseudonyms): Promise<Pseudonym> {
  const lasting = entry.outcome === 'allowed' && entry.ids.length > 0;
  return lasting ? pseudonyms.lastingPseudonymOf(tenant, owner) : pseudonyms.pseudonymOf(tenant, owner);
}

// A user who gets something stands there as a user: the owner as such, another under its pseudonym.
async function recipientOf(
  recipient: string,
  { owner, principal }: AuditEntry,
  known: (id: string) => Pseudonym | Promise<Pseudonym>,
): Promise<string> {
  if (names(recipient, owner)) return 'the user';
  const { lasting, pseudonym } = await known(recipient);
  return lasting || names(recipient, principal.userId) ? `user ${pseudonym}` : recipient;
}

// A principal's id is an end user's where it is that of a user: of the one whom it acts for, of the owner, or of anybody
// who has a pseudonym key.
function shown(
  principal: Principal,
  owner: string | undefined,
  self: Pseudonym,
  user: Pseudonym | undefined,
): AuditedPrincipal {
  const { id, role, userId } = principal;
  const isUser = subjectOf(principal).isUser || self.lasting || names(id, owner) || names(id, userId);
  return {
    ...(isUser ? { self: self.pseudonym } : { id }),
    role,
    ...(user ? { user: user.pseudonym } : {}),
  };
}

// A purpose is a word of the policies; one that names a user is withheld.
function isNamed(purpose: string, { owner, principal }: AuditEntry): boolean {
  return names(purpose, principal.userId) || names(purpose, owner);
}

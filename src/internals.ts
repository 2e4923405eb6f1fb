import { OPERATOR } from './compliance/operated.js';
import { ApiKeys } from './identity/api-keys.js';
import { Refusals } from './identity/refusals.js';
import { ConditionedMemory } from './memory/conditioned.js';
import { Handles } from './memory/handles.js';
import { Importer } from './memory/import.js';
import { PolicyEffects } from './memory/policy-effect.js';
import type { Clock } from './model/clock.js';
import type { KeyValueStore } from './model/key-value.js';
import type { Principal } from './model/principal.js';
import { insideOf, type Warden } from './warden.js';

/** Stores memories whose ids were fixed ahead; for the resumable import of the command line. */
export function importerOf(warden: Warden, principal: Principal): Importer {
  return new Importer(insideOf(warden).guard, principal);
}

/** What the policies of another folder would change in a warden's store; for `policy diff`. */
export function effectsOf(warden: Warden, folder: string): Promise<PolicyEffects> {
  return PolicyEffects.open(insideOf(warden).guard, folder);
}

/** The memories of one user by conditions with AND, OR and NOT. @throws MemwardenError invalid_principal, invalid_owner */
export function conditionedOf(warden: Warden, principal: Principal, userId: string): ConditionedMemory {
  const { guard } = insideOf(warden);
  return new ConditionedMemory(guard, guard.access(principal, userId));
}

/** What doors stand on beside a warden; none of it names memories. */
export interface DoorServices {
  readonly apiKeys: ApiKeys;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  /** Where a door tells of requests that it refused before any policy was asked. */
  readonly refusals: Refusals;
  /** Ids that carry their owner sealed. */
  readonly handles: Handles;
}

/** What doors stand on. */
export function servicesOf(warden: Warden): DoorServices {
  const { driver, settings, audit, policies, keys, cursorKeys } = insideOf(warden).parts;
  const { clock } = settings;
  const refusals = new Refusals(audit.auditor, () => policies.engine.revision, clock);
  // A composition without keys has those of its cursors.
  const handles = new Handles(keys?.instance.cursorKeys('handle') ?? cursorKeys);
  return { apiKeys: new ApiKeys(driver.values, clock), values: driver.values, clock, refusals, handles };
}

/** Writes a record to the audit log that tells of nothing else. @throws MemwardenError audit_unavailable, audit_timeout */
export async function probeAudit(warden: Warden): Promise<void> {
  const { audit, policies } = insideOf(warden).parts;
  const act = { action: 'audit', subject: 'AuditRecord', act: 'probe', phase: 'read', outcome: 'allowed' } as const;
  const about = { principal: OPERATOR, owner: undefined, ids: [], revision: policies.engine.revision };
  await audit.auditor.record({ ...act, ...about });
}

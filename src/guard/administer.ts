import { MemwardenError } from '../errors/memwarden-error.js';
import type { Action, SubjectName } from '../model/actions.js';
import type { Principal } from '../model/principal.js';
import type { GuardContext } from './context.js';

/** An act that is on no memory: on a user as a whole, on keys. */
export interface AdministrativeAct {
  readonly action: Action;
  readonly subject: SubjectName;
  /** The user that it is about, where it is about one. */
  readonly owner?: string;
}

/**
 * Decides an administrative act, and audits the decision.
 *
 * @throws MemwardenError forbidden
 */
export async function assertMay(
  context: GuardContext,
  principal: Principal,
  { action, subject, owner }: AdministrativeAct,
): Promise<Principal> {
  const binding = context.policy.bind(principal);
  const candidate = owner === undefined ? {} : { user_id: owner };
  const allowed = binding.decide(action, subject, candidate);
  await context.auditor.record({
    principal,
    owner,
    action,
    subject,
    phase: 'read',
    outcome: allowed ? 'allowed' : 'denied',
    ids: [],
    revision: binding.revision,
  });
  if (!allowed) throw new MemwardenError('forbidden');
  return principal;
}

import { MemwardenError } from '../errors/memwarden-error.js';
import type { Action, SubjectName } from '../model/actions.js';
import type { AuditEntry, Origin } from '../model/auditor.js';
import type { Principal } from '../model/principal.js';
import type { Access } from './access.js';
import type { GuardContext } from './context.js';
import { mayGrant } from './space-pages.js';

/** An act that is on no memory: on a user as a whole, on keys, on the audit log. */
export interface AdministrativeAct {
  readonly action: Action;
  readonly subject: SubjectName;
  /** What is done, in a word: `keys.rotate`, `query`. */
  readonly act: string;
  /** The user that it is about, where it is about one. */
  readonly owner?: string;
  /** Whether it changes anything: then it has an intent before and a result after it (S24). */
  readonly changes: boolean;
  readonly origin?: Origin;
  /** Whether the record of a look may name the owner; asked once it is allowed. Always, where this is absent. */
  readonly names?: () => Promise<boolean>;
}

/**
 * Decides an administrative act, records the decision, and runs it.
 *
 * @throws MemwardenError forbidden, audit_unavailable, audit_timeout, and what the act throws
 */
export async function administer<T>(
  context: GuardContext,
  principal: Principal,
  { action, subject, act, owner, changes, origin, names }: AdministrativeAct,
  run: (principal: Principal) => Promise<T>,
): Promise<T> {
  const { auditor, policy } = context;
  const binding = policy.bind(principal);
  const candidate = owner === undefined ? {} : { user_id: owner };
  // A rule on shared memories may ask what no space as a whole has: then it allows none of them.
  const allowed =
    owner !== undefined && subject === 'SharedMemory'
      ? mayGrant(binding, owner)
      : binding.decide(action, subject, candidate);
  const rule = binding.decidingRule(action, subject, candidate);
  const entry: Omit<AuditEntry, 'phase' | 'outcome'> = {
    principal,
    owner,
    action,
    subject,
    act,
    ids: [],
    rules: rule ? [rule.id] : [],
    revision: binding.revision,
    ...(origin ? { origin } : {}),
  };
  if (!allowed) {
    await auditor.record({ ...entry, phase: 'read', outcome: 'denied' });
    throw new MemwardenError('forbidden');
  }
  if (!changes) {
    const shown = names === undefined || (await names()) ? entry : { ...entry, owner: undefined };
    await auditor.record({ ...shown, phase: 'read', outcome: 'allowed' });
    return run(principal);
  }
  const intent = await auditor.record({ ...entry, phase: 'intent', outcome: 'allowed' });
  const result = { ...entry, phase: 'result', ...(intent ? { intent: intent.event } : {}) } as const;
  let value: T;
  try {
    value = await run(principal);
  } catch (error) {
    await Promise.resolve(auditor.record({ ...result, outcome: 'failed' })).catch(() => undefined);
    throw error;
  }
  await auditor.record({ ...result, outcome: 'allowed' });
  return value;
}

/** Runs an act on a space as a whole: it is of those who may grant, whoever its members are. */
export function granting<T>(
  context: GuardContext,
  { principal, userId, origin }: Access,
  act: string,
  changes: boolean,
  run: () => Promise<T>,
): Promise<T> {
  const from = origin ? { origin } : {};
  return administer(
    context,
    principal,
    { action: 'grant', subject: 'SharedMemory', act, owner: userId, changes, ...from },
    run,
  );
}

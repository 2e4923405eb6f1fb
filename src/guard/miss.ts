import { MemwardenError } from '../errors/memwarden-error.js';
import { isWellFormed } from '../model/well-formed.js';
import type { ActionOf } from '../model/actions.js';
import type { MemoryRecord } from '../model/fields.js';
import type { PartitionOpener } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Access } from './access.js';
import type { GuardContext } from './context.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NOTHING = {};
const NOWHERE = '00000000-0000-0000-0000-000000000000';

/** The id to ask the store for: ids are made by the server, and what is none takes the same steps as an absent one. */
export function storedId(id: string): string {
  return UUID.test(id) ? id : NOWHERE;
}

/**
 * A miss by id: one more look, whether or not anything is there (S10). What it finds goes to the audit record and to
 * an alarm on malformed records, and nowhere else; a shadow's decision is one of the audit's kind: it keeps neither id
 * nor user.
 */
export async function miss(
  context: GuardContext,
  keys: PartitionOpener,
  access: Access,
  binding: Binding,
  action: ActionOf<'Memory'>,
  id: string,
): Promise<void> {
  const found = await context.store.look(access.partition, storedId(id));
  if (!found) keys.verifyNothing();
  const sound = !found || keys.erasing || ((await keys.verifyClear(found)) && isWellFormed(found));
  if (found && sound && !keys.erasing && access.isReadable(found as unknown as MemoryRecord, context.clock()))
    context.shadow?.missed(access, binding, action, found);
  if (!sound) context.alarms.raise('malformed_record', context.clock(), { id: storedId(id) });
  // Decided whether or not something is there, so that both take the same steps.
  const rule = binding.decidingRule(action, access.subject, found ?? NOTHING);
  await context.auditor.record({
    principal: access.principal,
    owner: access.partition.userId,
    action,
    subject: access.subject,
    phase: 'read',
    outcome: found ? 'denied' : 'absent',
    ids: [],
    rules: found && rule?.inverted ? [rule.id] : [],
    revision: binding.revision,
    hidden: found !== null,
    ...(access.origin ? { origin: access.origin } : {}),
  });
}

/**
 * A call that names no memory, where the access list of a space lets it do nothing: it ends as where there is no such
 * space, after the same steps.
 *
 * @throws MemwardenError not_found
 */
export function nowhere(
  context: GuardContext,
  access: Access,
  binding: Binding,
  action: ActionOf<'Memory'>,
): Promise<never> {
  return context.sealer.reading(access, async (keys) => {
    await miss(context, keys, access, binding, action, NOWHERE);
    throw new MemwardenError('not_found');
  });
}

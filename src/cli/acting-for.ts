import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import { policySetOf } from '../internals.js';
import type { Warden } from '../warden.js';
import { placeholdersOf } from '../workbench/lint/rules-of.js';
import type { PrincipalFlags } from './flags.js';

/**
 * The same error, or where a role that acts for users was refused a partition and no user was named, one that says so.
 */
export function withoutUser(error: unknown, { as, onBehalfOf }: PrincipalFlags, warden: Warden): unknown {
  if (!isMemwardenError(error, 'forbidden') || onBehalfOf !== undefined) return error;
  if (!actsForUsers(warden, as)) return error;
  return new MemwardenError('forbidden', {
    ...error.detail,
    argument: '--on-behalf-of',
    reason: 'the role acts for users, and none is named',
  });
}

function actsForUsers(warden: Warden, role: string): boolean {
  const rules = policySetOf(warden).roles.get(role)?.rules ?? [];
  return rules.some(
    ({ inverted, conditions = [] }) =>
      !inverted && conditions.flatMap(placeholdersOf).some(({ kind }) => kind === 'user_id'),
  );
}

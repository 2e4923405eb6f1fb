import { isMemwardenError } from '../../errors/memwarden-error.js';
import type { Candidate } from '../../model/evaluate.js';
import type { Principal } from '../../model/principal.js';
import type { Warden } from '../../warden.js';

/** What decides on reading a record, and why, as a row of a table. */
export async function decidingRule(
  warden: Warden,
  principal: Principal,
  user: string,
  record: Candidate,
): Promise<readonly [read: string, rule: string, reason: string]> {
  try {
    const { allowed, rule, considered } = await warden.scope(principal, user).explain({ record });
    if (rule) return [allowed ? 'yes' : 'no', rule.id, rule.reason];
    const near = considered.filter(({ outcome }) => outcome === 'conditions');
    const why = near.map(({ id, because }) => `; ${id} wants another ${because?.join(', ') ?? 'record'}`);
    return ['no', '-', `no rule allows it${why.join('')}`];
  } catch (error) {
    if (!isMemwardenError(error, 'forbidden')) throw error;
    return ['no', '-', 'no rule lets it into these memories at all: no query is sent'];
  }
}

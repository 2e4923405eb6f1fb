import type { Predicate } from '../../src/model/predicate.js';
import { WELL_FORMED_BESIDE } from '../../src/model/well-formed.js';
import type { PlannedQuery } from '../../src/store/planned.js';

/** A query as it reached the store, told as `policy explain` tells it. */
export function evaluateParts(query: unknown): object {
  const { partition, parts } = query as PlannedQuery;
  const isExpiry = (part: Predicate) => part.kind === 'type' && part.field === 'expires_at';
  const expiry = parts.find(isExpiry);
  // A list asks read, and read with the fields that it uses: the same comparisons again.
  const plans = new Map(
    parts.filter((part) => part !== WELL_FORMED_BESIDE && !isExpiry(part)).map((part) => [JSON.stringify(part), part]),
  );
  const [plan] = plans.values();
  return {
    tenant: partition.tenant,
    user_id: partition.userId,
    ...(plan ? { plan: told(plan) } : {}),
    well_formed: parts.includes(WELL_FORMED_BESIDE),
    not_expired_at: expiry?.kind === 'type' ? expiry.after?.toISOString() : undefined,
  };
}

function told(part: Predicate): object {
  if (part.kind === 'and' || part.kind === 'or') return { [`$${part.kind}`]: part.of.map(told) };
  if (part.kind === 'not') return { $not: told(part.of) };
  return part.kind === 'compare' ? { [part.field]: { [`$${part.op}`]: part.value } } : part;
}

import { FIELDS } from './fields.js';
import { compile } from './evaluate.js';
import { and, compared, not, type Predicate } from './predicate.js';

/**
 * S1: what every record must be before any rule is asked. It stands outside the policy language and is joined to every
 * plan in both interpreters, so that a document whose level is missing or miscased escapes no deny rule.
 *
 * It asks more than S1 does: fields that every record has must be present, so that a list can order by `occurred_at`
 * and no record hides from a rule by lacking what it names.
 */
export const WELL_FORMED: Predicate = and(
  ...FIELDS.filter((field) => field.filterable).map((field): Predicate => ({
    kind: 'type',
    field: field.name,
    type: field.type,
    required: field.required,
  })),
);

/** Whether a record satisfies `WELL_FORMED`. */
export const isWellFormed = compile(WELL_FORMED);

/**
 * The record has not expired: it has no expiry at or before `now`. It holds beside the well-formed condition alone,
 * which refuses an expiry that is not a date: that counts as expired (S12).
 */
export function unexpired(now: Date): Predicate {
  return not(compared('expires_at', 'lte', now));
}

import { FIELDS } from './fields.js';
import { compile } from './evaluate.js';
import { and, type Predicate, type TypeTest } from './predicate.js';

const TESTS = FIELDS.filter((field) => field.filterable).map((field): TypeTest => {
  const { name, type, required } = field;
  return { kind: 'type', field: name, type, required };
});

/**
 * S1: what every record must be before any rule is asked. It stands outside the policy language and is joined to every
 * plan in both interpreters, so that a document whose level is missing or miscased escapes no deny rule.
 *
 * It asks more than S1 does: fields that every record has must be present, so that a list can order by `occurred_at`
 * and no record hides from a rule by lacking what it names.
 */
export const WELL_FORMED: Predicate = and(...TESTS);

/**
 * What of `WELL_FORMED` is left to ask in a query of one partition that asks `unexpired` too: the partition says of the
 * owner that it is that scalar, `unexpired` says of the expiry that it is a date.
 */
export const WELL_FORMED_BESIDE: Predicate = and(
  ...TESTS.filter(({ field }) => field !== 'user_id' && field !== 'expires_at'),
);

/** Whether a record satisfies `WELL_FORMED`. */
export const isWellFormed = compile(WELL_FORMED);

/** The record has no expiry, or one that is a date later than `now`: what is no date counts as expired (S12). */
export function unexpired(now: Date): Predicate {
  return { kind: 'type', field: 'expires_at', type: 'date', required: false, after: now };
}

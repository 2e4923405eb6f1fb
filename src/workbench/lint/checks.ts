import type { Place } from '../policies.js';

/** How much a finding matters: an error keeps the set from loading; a note may well be meant. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something in a policy file that is wrong, or that whoever wrote it may regret. */
export interface LintFinding extends Place {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
}

/** What lint looks for in policies that load, by code. What keeps them from loading has the codes of the loader. */
export const CHECKS = {
  no_rules: { severity: 'warning', about: 'A role has no rules: it may do nothing.' },
  never_matches: { severity: 'warning', about: 'No principal and no record can ever meet the rule.' },
  shadowed: { severity: 'warning', about: 'Whatever the rule allows, a denial denies.' },
  duplicate: { severity: 'warning', about: 'Another rule of the role says the same.' },
  covered: { severity: 'warning', about: 'Whatever the rule says, other rules of the role say already.' },
  denies_nothing: { severity: 'note', about: 'Nothing that the rule denies is allowed by another rule.' },
  not_examined: { severity: 'note', about: 'The rules of a role tell too much apart to compare them all.' },
  writes_above_read: {
    severity: 'warning',
    about: 'A role may create memories of a level that it cannot read. A note where maximum_level is written out.',
  },
  default_not_creatable: { severity: 'warning', about: 'A role may create memories, but not of its default level.' },
  needs_read: {
    severity: 'warning',
    about: 'An action is allowed on memories that cannot be read, so never done (S9).',
  },
  agent_without_owner: { severity: 'warning', about: 'A rule of an agent is not bound to the user it acts for.' },
  may_declassify: {
    severity: 'warning',
    about: 'A role other than admin may lower levels or let memories live on (S6).',
  },
  denies_without_fact: {
    severity: 'warning',
    about: 'A denial names a fact; it denies also whoever has no such fact (S4).',
  },
  allows_with_fact: { severity: 'note', about: 'An allowance names a fact; it allows nothing to who has none (S4).' },
  denial_lapses: { severity: 'warning', about: 'A denial counts for a time only; outside of it the rest allows (S4).' },
  near_limit: {
    severity: 'warning',
    about: 'A file that grows over the limit fails to load, and in the end every call is denied (S5).',
  },
  condition_on_hidden_field: {
    severity: 'warning',
    about: 'A condition names a field that the role may not read; what it finds tells of the field (S7).',
  },
  whole_past_fields: {
    severity: 'warning',
    about: 'A role that may read some fields only may export or share whole memories (S7).',
  },
  writes_hidden_field: { severity: 'note', about: 'A role may write fields that it may not read (S7).' },
  list_needs_order: { severity: 'warning', about: 'A role may not read occurred_at, by which lists are ordered (S7).' },
  no_approver: {
    severity: 'warning',
    about: 'A rule asks for an approval that no role may give: such an export is never made.',
  },
  not_indexed: { severity: 'note', about: 'A condition names a field that no index helps to find by.' },
} as const satisfies Readonly<Record<string, { readonly severity: Severity; readonly about: string }>>;

/** The code of a check. */
export type CheckCode = keyof typeof CHECKS;

/** Makes the finding of a check. */
export function finding(code: CheckCode, place: Place, message: string, severity?: Severity): LintFinding {
  const { file, line, column } = place;
  return { code, severity: severity ?? CHECKS[code].severity, file, line, column, message };
}

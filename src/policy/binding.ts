import { Ability, type RawRuleOf } from '@casl/ability';
import { rulesToCondition } from '@casl/ability/extra';
import type { Action, SubjectName } from '../model/actions.js';
import { compile, type Candidate } from '../model/evaluate.js';
import type { FieldName } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import { NONE, planOf, type Plan } from '../model/plan.js';
import { and, not, or, TRUE, type Predicate } from '../model/predicate.js';
import type { BoundRule } from './bind.js';
import type { RolePolicy, Rule } from './policy-set.js';

// CASL asks the subject for its type. The wrapper answers, so that nothing in a stored document (`__caslSubjectType__`,
// a constructor) can, and nothing is written onto the document as `subject()` would.
class Asked {
  constructor(
    readonly type: SubjectName,
    readonly candidate: Candidate,
  ) {}
}

type PolicyAbility = Ability<[Action, SubjectName | Asked], Predicate>;
type PolicyRule = RawRuleOf<PolicyAbility> & { readonly rule: Rule };

/**
 * The policies of one role, bound to one principal at one time: a CASL ability, and the plans derived from that same
 * ability. Denials come last, where CASL looks first, so that a denial wins whatever the order of rules and files.
 */
export class Binding {
  readonly revision: string;
  readonly defaultLevel: Level;
  readonly maximumLevel: Level;
  /** Every rule of the role, with the reason where it does not take part. */
  readonly rules: readonly BoundRule[];
  readonly #ability: PolicyAbility;
  readonly #time: { readonly from: number; readonly until: number };
  readonly #plans = new Map<string, Plan>();
  readonly #speaking = new Map<string, readonly string[]>();

  constructor(
    revision: string,
    policy: RolePolicy,
    rules: readonly BoundRule[],
    time: { readonly from: number; readonly until: number },
  ) {
    this.revision = revision;
    this.#time = time;
    this.defaultLevel = policy.defaultLevel;
    this.maximumLevel = policy.maximumLevel;
    this.rules = rules;
    const raw = rules.flatMap((bound) => (bound.applies ? [rawRule(bound)] : []));
    this.#ability = new Ability<[Action, SubjectName | Asked], Predicate>(
      [...raw.filter((rule) => !rule.inverted), ...raw.filter((rule) => rule.inverted)],
      {
        detectSubjectType: (asked) => asked.type,
        fieldMatcher: (fields) => (field) => fields.includes(field),
        conditionsMatcher: (predicate) => {
          const test = compile(predicate);
          return (asked) => test((asked as unknown as Asked).candidate);
        },
      },
    );
  }

  /** Whether the time limits of the rules still stand as they stood when it was bound, though a clock be set back. */
  standsAt(now: Date): boolean {
    return now.getTime() >= this.#time.from && now.getTime() < this.#time.until;
  }

  /** Whether the policy allows an action on a record, or on one of its fields. */
  decide(action: Action, subject: SubjectName, candidate: Candidate, field?: FieldName): boolean {
    return this.#ability.can(action, new Asked(subject, candidate), field);
  }

  /** The rule that decides on a record, or on one of its fields, or undefined where none matches (which denies). */
  decidingRule(action: Action, subject: SubjectName, candidate: Candidate, field?: FieldName): Rule | undefined {
    const found = this.#ability.relevantRuleFor(action, new Asked(subject, candidate), field);
    return found ? (found.origin as PolicyRule).rule : undefined;
  }

  /** The ids of the rules that speak of a pair, allowing and denying. */
  speaking(action: Action, subject: SubjectName): readonly string[] {
    const key = `${subject} ${action}`;
    let ids = this.#speaking.get(key);
    if (!ids) {
      ids = this.#ability.possibleRulesFor(action, subject).map((rule) => (rule.origin as PolicyRule).rule.id);
      this.#speaking.set(key, ids);
    }
    return ids;
  }

  /** The ids of the rules that deny something of a pair. */
  denials(action: Action, subject: SubjectName): readonly string[] {
    const rules = this.#ability.possibleRulesFor(action, subject).filter((rule) => rule.inverted);
    return rules.map((rule) => (rule.origin as PolicyRule).rule.id);
  }

  /** How many users an export may be of without the approval of another principal: the least that a rule says. */
  get exportsWithoutApproval(): number {
    // With what users wrote in spaces, or with spaces as a whole, rules on those count too.
    const possible = (['Memory', 'SharedMemory'] as const).flatMap((one) =>
      this.#ability.possibleRulesFor('export', one),
    );
    const rules = possible.map((rule) => (rule.origin as PolicyRule).rule);
    return Math.min(Infinity, ...rules.map(({ approvalOverUsers }) => approvalOverUsers ?? Infinity));
  }

  /** Whether some rule on this pair limits fields; if none does, whoever may read a record may read all of it. */
  hasFieldRules(action: Action, subject: SubjectName): boolean {
    return this.#ability.possibleRulesFor(action, subject).some((rule) => rule.fields !== undefined);
  }

  /**
   * The plan of an action: what a query must ask so that it finds exactly what `decide` allows.
   *
   * @param fields the fields that the call uses; the plan is the conjunction of their plans (S7)
   */
  plan(action: Action, subject: SubjectName, fields: readonly FieldName[] = []): Plan {
    const used = fields.length > 0 && this.hasFieldRules(action, subject) ? fields : [];
    const key = `${subject} ${action} ${used.join(' ')}`;
    const cached = this.#plans.get(key);
    if (cached) return cached;
    const parts = [undefined, ...used].map((field) => this.#predicate(action, subject, field));
    const plan = parts.some((part) => part === undefined) ? NONE : planOf(and(...(parts as Predicate[])));
    this.#plans.set(key, plan);
    return plan;
  }

  #predicate(action: Action, subject: SubjectName, field: FieldName | undefined): Predicate | undefined {
    const rules = this.#ability.rulesFor(action, subject, field);
    const predicate = rulesToCondition<PolicyAbility, Predicate, Predicate>(
      rules,
      (rule) => (rule.inverted ? not(rule.conditions ?? TRUE) : (rule.conditions ?? TRUE)),
      { and: (parts) => and(...parts), or: (parts) => or(...parts), empty: () => TRUE },
    );
    return predicate ?? undefined;
  }
}

function rawRule(bound: BoundRule & { readonly applies: true }): PolicyRule {
  const { rule } = bound;
  return {
    rule,
    action: [...rule.actions],
    subject: [...rule.subjects],
    inverted: rule.inverted,
    reason: rule.reason,
    ...(rule.fields ? { fields: [...rule.fields] } : {}),
    ...(bound.conditions ? { conditions: bound.conditions } : {}),
  };
}
